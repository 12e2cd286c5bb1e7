from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

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
