"""`mien data`: look at, examine, cut, even out and convert data sets. A command is a file with a `register(group)`."""

from __future__ import annotations

from importlib import import_module

import typer

_NAMES = ("info", "audit", "split", "balance", "convert", "join", "emfacs", "prepare_affectnet")


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        name="data", help="Look at, examine, cut, even out and convert data sets.", no_args_is_help=True
    )
    for name in _NAMES:
        import_module(f"mien.cli.data.{name}").register(group)
    app.add_typer(group, rich_help_panel="Research")
