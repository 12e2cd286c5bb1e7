"""`mien data` on small data sets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from mien.cli import data
from mien.datasets.jaffe import SUBJECTS
from mien.labels import JAFFE_CODES

Mien = Callable[..., Result]


@pytest.fixture
def mien() -> Mien:
    """`mien("info", path, ...)` runs `mien data info PATH ...`."""
    app = typer.Typer()
    data.register(app)
    app.command("other")(lambda: None)  # a group of one would lose its name

    def run(*words: object) -> Result:
        return CliRunner().invoke(app, ["data", *map(str, words)])

    return run


@pytest.fixture
def faces() -> str:
    """200 faces of 25 people in three splits, few of them disgusted."""
    return "synthetic:n=200,seed=1,size=16,identities=25"


@pytest.fixture
def women(tmp_path: Path) -> Path:
    """A folder as JAFFE's: ten women, two pictures of each emotion."""
    rng = np.random.default_rng(0)
    root = tmp_path / "jaffe"
    root.mkdir()
    for number, (who, code, take) in enumerate(product(SUBJECTS, JAFFE_CODES, "12")):
        picture = rng.integers(0, 256, (32, 32), dtype=np.uint8)
        Image.fromarray(picture).save(root / f"{who}.{code}{take}.{number}.tiff")
    return root
