"""The `mien` command: one file a command; each command imports what it needs when it is called."""

from __future__ import annotations

import os
import sys

import typer

from mien import __version__
from mien.cli import COMMANDS
from mien.errors import MienError

app = typer.Typer(
    name="mien",
    help="Facial expression recognition: faces in, table out; train, compare and audit models.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"mien {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
    debug: bool = typer.Option(False, "--debug", help="Show a traceback when something goes wrong."),
) -> None:
    if debug:
        os.environ["MIEN_DEBUG"] = "1"


for register in COMMANDS:
    register(app)


def main() -> None:
    """Entry point. Exit codes: 0 done; 1 ran and found something to look at; 2 not run."""
    try:
        app(standalone_mode=True)
    except MienError as error:
        if os.environ.get("MIEN_DEBUG"):
            raise
        print(f"mien: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except KeyboardInterrupt:
        print("mien: interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(130)
