"""`mien data prepare-affectnet`: AffectNet as it is published -> the folders that ESR-9 and OpenDR learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mien.datasets.affectnet_prepare_result import Prepared


def register(group: typer.Typer) -> None:
    group.command("prepare-affectnet")(prepare_affectnet)


def prepare_affectnet(
    root: Path = typer.Argument(..., metavar="ROOT", help="The release: its tables beside folders of pictures."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="Faces, and the list of rows without one, go here."),
    table: Path | None = typer.Option(None, "--csv", metavar="FILE", help="One table instead of all in ROOT."),
    split: str | None = typer.Option(
        None, "--set", metavar="NAME", help="training, validation or automatic: only this, or what --csv is."
    ),
    newer: bool = typer.Option(False, "--newer", help="The later release: train_set and val_set in ROOT."),
    side: int = typer.Option(96, "--side", min=8, help="Of the faces, in pixels."),
    stretch: bool = typer.Option(False, "--stretch", help="Bring the box to a square; else cut one around it."),
    emotions_only: bool = typer.Option(False, "--emotions-only", help="Skip rows coded 8 to 10, which readers drop."),
    workers: int = typer.Option(0, "--workers", min=0, help="Processes; 0: one a processor."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Cut AffectNet's faces to 96 x 96 files whose names hold their labels, in parallel.

    Stopped, the same command goes on where it was. DIR/prepare-affectnet.csv names rows without a face; exit code 1:
    there are some for another reason than --emotions-only.
    """
    import json
    from time import perf_counter

    from mien.datasets.affectnet_prepare import prepare
    from mien.evaluate.progress import progress

    started = perf_counter()
    try:
        with progress("preparing AffectNet", quiet) as report:
            found = prepare(
                root, out, table=table, split=split, newer=newer, side=side, stretch=stretch,
                emotions_only=emotions_only, workers=workers or _processors(), progress=report,
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo(f"mien: interrupted; what is made stays; go on with: {_again()}", err=True)
        raise typer.Exit(130) from None
    seconds = perf_counter() - started
    if json_:
        typer.echo(json.dumps({**found.to_dict(), "seconds": round(seconds, 3)}, indent=2))
    elif not quiet:
        _report(found, seconds)
    if found.faults:
        raise typer.Exit(1)


def _processors() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _again() -> str:
    import shlex
    import sys

    return shlex.join(["mien", *sys.argv[1:]])


def _report(found: Prepared, seconds: float) -> None:
    """A line a set for people."""
    from rich.console import Console

    console = Console()
    for one in found.sets:
        reasons = "".join(f", {count:,} {reason}" for reason, count in one.skipped.items())
        made = f"{one.made:,} made, {one.kept:,} there already"
        console.print(f"[bold]{one.folder}[/bold]: {one.rows:,} rows of {one.source}: {made}{reasons}", highlight=False)
    skipped = sum(found.skipped.values())
    where = f"; {skipped:,} rows without a face: {found.report}" if skipped else ""
    console.print(f"{found.out}: {seconds:.1f} s{where}", highlight=False, soft_wrap=True)
