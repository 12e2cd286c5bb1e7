from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from tests.contracts.model import HEAD
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.lab.gan.generator import ganmut_linear
from mien.lab.models.registry import create
from mien.lab.train.checkpoint import save_weights
from mien.model_spec import ModelSpec
from mien.runtime.expression_editor import ExpressionEditor

OPTIONS = {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}


def test_names_the_file_its_size_and_heads(tmp_path: Path) -> None:
    spec = ModelSpec("a", "small", (HEAD,), 48, 48, architecture_options=OPTIONS)
    save_weights(create("small", [HEAD], **OPTIONS), spec, tmp_path / "final.safetensors")
    result = CliRunner().invoke(app, ["export", str(tmp_path), "--out", str(tmp_path / "m.onnx"), "--name", "b"])
    assert result.exit_code == 0, result.output
    assert "m.onnx" in result.stdout
    assert "emotion (7 fer2013)" in result.stdout


def test_a_folder_without_weights(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(tmp_path)])
    assert isinstance(result.exception, MienError)
    assert "no weights in it" in str(result.exception)


def test_int8_says_how_far_it_is_from_float(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held_out = {"split": "Validation", "n": 90, "emotion": {"max": 0.0214, "mean": 0.00131, "same": 0.989}}
    facts = {"calibrated_on": {"data": "faces.csv", "split": "Training", "n": 256}, "held_out": held_out}
    asked: dict[str, Any] = {}

    def export_int8(file: Path, out: Path, data: str, **settings: Any) -> ModelSpec:
        asked.update(settings, data=data)
        out.write_bytes(b"0" * 1000)
        return ModelSpec("a", "small", (HEAD,), 48, 48, training={"int8": facts})

    monkeypatch.setattr("mien.lab.export.int8.export_int8", export_int8)
    spec = ModelSpec("a", "small", (HEAD,), 48, 48, architecture_options=OPTIONS)
    save_weights(create("small", [HEAD], **OPTIONS), spec, tmp_path / "final.safetensors")
    words = ["export", str(tmp_path), "--int8", "--calibrate", "faces.csv", "--float", "MaxPool", "--float", "conv*"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert asked == {"data": "faces.csv", "name": "", "head": "", "keep": ["MaxPool", "conv*"], "side": 0}
    assert "calibrated on 256 faces (faces.csv Training)" in result.stdout
    assert "emotion: on 90 other faces (Validation) at most 0.021 and on average 0.0013 from float32" in result.stdout
    assert "the same label for 98.9 %" in result.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--int8"], "--int8 needs --calibrate DATA"),
        (["--calibrate", "faces.csv"], "--calibrate is for --int8"),
        (["--float", "conv*"], "--float is for --int8"),
        (["--int8", "--calibrate", "faces.csv", "--half"], "choose one"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], told: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(tmp_path), *options])
    assert isinstance(result.exception, MienError)
    assert told in str(result.exception)


@pytest.fixture
def generator(tmp_path: Path) -> Path:
    options = {"conv_dim": 4, "blocks": 1}
    spec = ModelSpec("faces", "ganmut_linear", (), 16, 16, architecture_options=options, parameters=1234)
    save_weights(ganmut_linear(channels=1, **options), spec, tmp_path / "final.safetensors")
    return tmp_path


def test_a_generator_is_noticed(generator: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(generator), "--out", str(generator / "g.onnx")])
    assert result.exit_code == 0, result.output
    assert "1,234 parameters, a linear space of anger, disgust, fear" in result.stdout
    assert ExpressionEditor(generator / "g.onnx").name == "faces"


@pytest.mark.parametrize("options", [["--head", "emotion"], ["--int8", "--calibrate", "faces.csv"], ["--side", "40"]])
def test_a_generator_has_no_heads_and_no_int8(options: list[str], generator: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(generator), *options])
    assert isinstance(result.exception, MienError)
    assert f"leave {options[0]} out" in str(result.exception)
