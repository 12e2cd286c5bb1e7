from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from PIL import Image
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError

SETS = [
    "data.path=synthetic:n=200",
    "train.epochs=1",
    "train.precision=fp32",
    "model.options={widths=[8,8,8], depths=[1,1,1], stem=4}",
]
WORDS = ["train", "recipes/synthetic.toml", *(arg for text in SETS for arg in ("--set", text))]


def test_trains_exports_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = CliRunner().invoke(app, [*WORDS, "--out", str(out), "--json", "--quiet", "--seed", "7"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["epoch"] == 1
    assert "seed = 7" in (out / "recipe.toml").read_text()
    result = CliRunner().invoke(app, ["export", str(out), "--half"])
    assert result.exit_code == 0, result.output
    assert (out / "run.onnx").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["recipes/nowhere.toml"], "No such file"),
        (["recipes/synthetic.toml", "--set", "train.lrr=1"], "unknown recipe key train.lrr"),
        (["recipes/synthetic.toml", "--set", "data.path="], "names no data.path"),
        (["recipes/synthetic.toml", "--set", "data.validation=Test"], "is a test split"),
        (["recipes/synthetic.toml", "--device", "tpu"], "expected auto, cpu or cuda"),
    ],
)
def test_bad_input_is_one_line(words: list[str], message: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", *words, "--out", str(tmp_path / "run")])
    assert isinstance(result.exception, MienError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)


def test_finds_a_rate_and_trains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.lab.train import rate_finder

    curve = rate_finder.RateCurve((1e-3, 1e-2, 1e-1), (2.0, 1.5, 3.0), (2.0, 1.6, 2.5), 1e-2, 1e-3)
    monkeypatch.setattr(rate_finder, "find_rate", lambda recipe, faces, **_: curve)
    out = tmp_path / "run"
    result = CliRunner().invoke(app, [*WORDS, "--out", str(out), "--find-rate"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("--set train.lr=0.01: ")
    assert sorted(p.name for p in out.iterdir()) == ["rates.csv", "rates.png"]
    assert (out / "rates.csv").read_text().splitlines()[:2] == ["rate,loss,smoothed", "0.001,2.0,2.0"]
    said = json.loads(CliRunner().invoke(app, [*WORDS, "--out", str(out), "--find-rate", "--json"]).stdout)
    assert (said["suggestion"], said["tenth"], said["losses"]) == (0.01, 0.001, [2.0, 1.5, 3.0])


@pytest.mark.parametrize("words", [[], ["--json"], ["--find-rate"]])
def test_of_several_processes_one_speaks(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.lab.train import rate_finder, run
    from mien.model_spec import ModelSpec

    done = run.Trained(tmp_path, ModelSpec("a", "small", (), 48, 48), [{"epoch": 1}])
    curve = rate_finder.RateCurve((1e-3, 1e-2), (2.0, 1.5), (2.0, 1.6), 1e-2, 1e-3)
    monkeypatch.setattr(run, "train", lambda *_, **__: done)
    monkeypatch.setattr(rate_finder, "find_rate", lambda *_, **__: curve)
    said = []
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        said.append(CliRunner().invoke(app, [*WORDS, "--out", str(tmp_path / "run"), *words]).stdout)
    assert said[0].count("\n") == 1
    assert said[1] == ""


def test_after_a_protocol_its_test_side_is_what_is_to_be_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.lab.train import run
    from mien.model_spec import ModelSpec

    Image.new("L", (8, 8)).save(tmp_path / "KA.AN1.39.png")
    done = run.Trained(tmp_path / "run", ModelSpec("a", "small", (), 48, 48), [{"epoch": 1}])
    monkeypatch.setattr(run, "train", lambda *_, **__: done)
    words = ["--data", str(tmp_path), "--set", "data.protocol=loso", "--set", "data.fold=4", "--out", str(done.folder)]
    said = CliRunner().invoke(app, ["train", "recipes/synthetic.toml", *words]).stdout.replace("\n", " ")
    assert f"--data {tmp_path}:protocol=loso,fold=4 --split test scores it" in said


def test_excluded_rows_stand_in_the_recipe_that_is_kept(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n0\n1\n2\n")
    out = tmp_path / "run"
    result = CliRunner().invoke(app, [*WORDS, "--out", str(out), "--quiet", "--exclude", str(tmp_path / "f.csv")])
    assert result.exit_code == 0, result.output
    assert f'exclude = "{tmp_path / "f.csv"}"' in (out / "recipe.toml").read_text()
    training = json.loads((out / "model.json").read_text())["training"]
    assert training["exclude"] == str(tmp_path / "f.csv")
    (tmp_path / "f.csv").write_text("row\n999\n")
    result = CliRunner().invoke(app, [*WORDS, "--out", str(tmp_path / "b"), "--exclude", str(tmp_path / "f.csv")])
    assert "row '999' is none of 0..199" in str(result.exception)
