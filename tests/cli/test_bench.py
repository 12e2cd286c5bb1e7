from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError


def test_json_and_table(tiny_model: Callable[..., Path], tmp_path: Path, portrait: NDArray[np.uint8]) -> None:
    picture = tmp_path / "p.png"
    Image.fromarray(portrait).save(picture)
    line = ["bench", str(picture), "--model", str(tiny_model()), "--threads", "1", "-n", "1"]
    report = json.loads(CliRunner().invoke(app, [*line, "--json"], catch_exceptions=False).stdout)
    assert report["picture"] == {"name": str(picture), "width": 640, "height": 480, "faces": 1}
    assert report["faces_per_second"] > 0
    assert set(report["ms"]["whole"]) == {"median", "p95", "n"}
    assert "faces/s in a batch" in CliRunner().invoke(app, line).stdout


def test_training(tmp_path: Path) -> None:
    pytest.importorskip("accelerate")
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(
        '[model]\nname = "small"\n[model.options]\nwidths = [8, 8, 8]\ndepths = [1, 1, 1]\nstem = 8\n'
        "[train]\nbatch = 8\nprecision = 'fp32'\n",
        encoding="utf-8",
    )
    line = ["bench", str(recipe), "--training", "--device", "cpu", "-n", "1", "--set", "input.height=24"]
    line += ["--set", "input.width=24"]
    done = CliRunner().invoke(app, [*line, "--json"])
    report = json.loads(done.stdout)
    assert set(report["sides"][0]) == {"side", "pipeline", "step", "ratio", "least"}
    assert report["sides"][0]["side"] == 24
    assert report["bottleneck"].startswith("the ")
    table = CliRunner().invoke(app, line).stdout
    assert "bottleneck: the " in table
    assert "medians of 1 rounds" in table


def test_settings_belong_to_training() -> None:
    with pytest.raises(MienError, match="add --training"):
        CliRunner().invoke(app, ["bench", "--set", "train.batch=8"], catch_exceptions=False)
