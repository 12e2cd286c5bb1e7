from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.contracts.model import HEAD
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.lab.models.registry import create
from mien.lab.train.checkpoint import save_weights
from mien.model_spec import ModelSpec

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
