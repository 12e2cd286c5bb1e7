from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.cli.bench import bench


def test_json_and_table(
    tiny_model: Callable[..., Path], tmp_path: Path, portrait: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "p.png"
    Image.fromarray(portrait).save(picture)
    options = {"model": str(tiny_model()), "detector": "auto", "yunet": "", "threads": 1, "repeats": 1}
    bench(str(picture), **options, json_=True)  # type: ignore[arg-type]
    report = json.loads(capsys.readouterr().out)
    assert report["picture"] == {"name": str(picture), "width": 640, "height": 480, "faces": 1}
    assert report["faces_per_second"] > 0
    assert set(report["ms"]["whole"]) == {"median", "p95", "n"}
    bench(str(picture), **options, json_=False)  # type: ignore[arg-type]
    assert "faces/s in a batch" in capsys.readouterr().out
