"""The command line. A command is a file here with a `register(app)`; COMMANDS lists them in help's order."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import typer

_NAMES = (
    "analyze", "timeline", "serve", "data", "train", "tune", "evaluate", "calibrate", "explain", "edit", "augment",
    "export", "models", "bench", "doctor",
)  # fmt: skip


def _lazily(name: str) -> Callable[[typer.Typer], None]:
    def register(app: typer.Typer) -> None:
        import_module(f"mien.cli.{name}").register(app)

    return register


COMMANDS: tuple[Callable[[typer.Typer], None], ...] = tuple(_lazily(name) for name in _NAMES)
