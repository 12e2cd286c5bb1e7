"""What `mien evaluate` does beside scoring: reports, and options that every parameter has a place for."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields
from pathlib import Path

from typer.testing import CliRunner

from mien.cli.app import app
from mien.cli.evaluate import evaluate
from mien.cli.evaluating import Asked
from mien.labels import SEVEN
from mien.model_spec import Head


def run(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_every_option_is_handed_on() -> None:
    assert [field.name for field in fields(Asked)] == list(inspect.signature(evaluate).parameters)


def test_a_report_of_one_model_and_of_several(data: str, model: str, tiny_model, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(
        "row,age\n" + "".join(f"{row},{'old' if row % 2 else 'young'}\n" for row in range(21))
    )
    one = run(model, "--data", data, "--report", tmp_path / "one", "--robustness", 0, "--groups", tmp_path / "g.csv")
    assert one.exit_code == 0, one.output
    numbers = json.loads((tmp_path / "one" / "report.json").read_text())
    assert numbers["evaluation"]["top1"] == 100
    assert {"old", "young"} <= set(json.dumps(numbers["groups"]).replace('"', " ").split())
    other = tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),))
    both = run(model, other, "--data", data, "--report", tmp_path / "both", "--robustness", 0, "--quiet")
    assert both.exit_code == 0, both.output
    listed = (tmp_path / "both" / "index.html").read_text()
    assert 'href="other/index.html"' in listed
    assert "McNemar" in (tmp_path / "both" / "other" / "index.html").read_text()


def test_a_report_of_saved_predictions_says_what_it_lacks(data: str, model: str, tmp_path: Path) -> None:
    run(model, "--data", data, "--quiet", "--save-probabilities", tmp_path / "p.npz")
    assert run(tmp_path / "p.npz", "--report", tmp_path / "r", "--quiet").exit_code == 0
    assert "robustness" in json.loads((tmp_path / "r" / "report.json").read_text())["left_out"]
