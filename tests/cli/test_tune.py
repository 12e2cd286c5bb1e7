from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError, MissingExtraError

SETS = [
    "data.path=synthetic:n=120",
    "train.epochs=1",
    "train.precision=fp32",
    "model.options={widths=[8,8,8], depths=[1,1,1], stem=4}",
    'tune.space={"train.lr" = [1e-3, 1e-2]}',
]
WORDS = ["tune", "recipes/synthetic.toml", *(arg for text in SETS for arg in ("--set", text))]


def test_a_grid_is_run_and_its_best_recipe_trains(tmp_path: Path) -> None:
    out = tmp_path / "search"
    result = CliRunner().invoke(app, [*WORDS, "--sampler", "grid", "--out", str(out), "--json", "--quiet"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["complete"], report["left"]) == (2, 0)
    result = CliRunner().invoke(app, ["train", report["recipe"], "--out", str(tmp_path / "run"), "--quiet"])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(app, ["tune", "--replot", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "2 trials: 2 complete" in result.stdout
    assert "no importances: 2 completed trials" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tune"], "needs a RECIPE"),
        (["tune", "recipes/synthetic.toml"], "nothing to search"),
        ([*WORDS, "--trials", "2", "--set", "tune.metric=val_topp"], "'val_topp' is no column of log.csv"),
        ([*WORDS, "--sampler", "gird"], "expected tpe or random or grid"),
        ([*WORDS, "--data", "nowhere.csv"], "nowhere.csv"),
        ([*WORDS, "--exclude", "gone.csv"], "gone.csv"),
    ],
)
def test_bad_input_is_one_line(words: list[str], message: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out"), "--quiet"])
    assert isinstance(result.exception, MienError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)


def test_without_optuna_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(app, WORDS)
    assert isinstance(result.exception, MissingExtraError)
    assert "mien[tune]" in str(result.exception)
