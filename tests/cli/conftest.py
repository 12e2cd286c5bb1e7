"""A small FER2013 file and a model that knows its faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.labels import SEVEN
from mien.model_spec import Head


@pytest.fixture
def data(tmp_path: Path) -> str:
    """fer2013.csv with 7 faces a split, each of one brightness, which is what the tiny model answers by."""
    random = np.random.default_rng(0)
    lines = ["emotion,pixels,Usage"]
    for split in ("Training", "PublicTest", "PrivateTest"):
        for label in range(7):
            pixels = np.clip(255 * label / 6 + random.normal(0, 12, 2304), 0, 255).astype(int)
            lines.append(f"{label},{' '.join(map(str, pixels))},{split}")
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def model(tiny_model) -> str:
    return str(tiny_model(heads=(Head("emotion", "emotion", SEVEN, "fer2013"),)))
