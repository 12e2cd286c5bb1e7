"""`mien data` on small data sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner, Result

from mien.cli import data

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
