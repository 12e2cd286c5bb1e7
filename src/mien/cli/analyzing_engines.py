"""`mien analyze --engine local|ray`: many files by several processes, told on standard error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mien.runtime.engines.run import Outcome
    from mien.runtime.engines.work import Settings


def run(
    files: Sequence[str | os.PathLike[str]],
    settings: Settings,
    *,
    engine: str,
    out: Path | None,
    format_: str | None = None,
    workers: int | None = None,
    address: str | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> None:
    """Analyse the files and write the table; exit code 1 where some could not be read, 2 where none could.

    Raises:
        MienError: no --out; whatever `run_files` raises.
        typer.Exit: 1 or 2; 130 after Ctrl-C, with how to go on.
    """
    from mien.errors import MienError
    from mien.evaluate.progress import progress
    from mien.runtime.engines.run import run_files

    if out is None:
        raise MienError(f"--engine {engine} keeps what is done beside the table; add --out FILE")
    if address is not None and engine != "ray":
        raise MienError("--address names a Ray cluster; add --engine ray")
    try:
        with progress("analysing", quiet) as report:
            outcome = run_files(
                files, settings, engine, out=out, format_=format_, workers=workers, address=address, resume=resume,
                progress=report, unreadable=_unreadable,
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo(
            f"interrupted; what is done is kept in {out}.parts: the same command with --resume goes on", err=True
        )
        raise typer.Exit(130) from None
    if not quiet:
        typer.echo(summary(outcome, engine, out), err=True)
    if outcome.unreadable:
        raise typer.Exit(1 if outcome.unreadable < outcome.inputs else 2)


def summary(outcome: Outcome, engine: str, out: Path) -> str:
    """One line: what was done, by whom, and what went wrong on the way."""
    parts = [
        _count(outcome.inputs, "input"),
        _count(outcome.faces, "face"),
        *([f"{outcome.unreadable} unreadable"] if outcome.unreadable else []),
        *([f"{outcome.resumed:,} done before"] if outcome.resumed else []),
        *([f"{_count(outcome.lost, 'worker')} lost, {outcome.again} inputs done again"] if outcome.lost else []),
        f"engine {engine}",
        f"{outcome.seconds:.1f} s",
        f"-> {out}",
    ]
    return " · ".join(parts)


def _unreadable(name: str, reason: str) -> None:
    typer.echo(f"mien: {name}: {reason}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
