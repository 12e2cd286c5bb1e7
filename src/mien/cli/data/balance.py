"""`mien data balance`: an index whose training rows are even in their classes, or in combinations of action units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.datasets.combination import Wish
    from mien.datasets.face_set import FaceSet
    from mien.datasets.index import Index

SIZE = "max"


def register(group: typer.Typer) -> None:
    group.command()(balance)


def balance(
    path: str = typer.Argument(..., help="Data set, index file or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="CSV", help="The index file to write."),
    to: str = typer.Option(
        "", "--to", help="Rows a class: min, median, max of the classes (max unless told), or a number."
    ),
    split: str = typer.Option("train", "--split", help="The split that is evened out; the others stay as they are."),
    labels: str | None = typer.Option(None, "--labels", help="Whose classes: fer2013, ferplus, ..."),
    derive: str = typer.Option(
        "", "--derive", help="Classes from action units: emfacs, emfacs+neutral, emfacs-happiness."
    ),
    want: list[str] = typer.Option(
        [],
        "--want",
        metavar="UNITS=N",
        help="Rows of a combination of units instead: AU06+AU12=2000, none=500; see docs.",
    ),
    wants: Path | None = typer.Option(None, "--wants", metavar="FILE", help="Such combinations from TOML or JSON."),
    inclusive: bool = typer.Option(False, "--inclusive", help="Units beside a combination's own may be shown too."),
    repeat: bool = typer.Option(False, "--repeat", help="Name rows more than once where a combination has too few."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    drop: list[str] = typer.Option([], "--drop", metavar="EMOTION", help="Leave out its rows; or `unlabelled`."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    chart: Path | None = typer.Option(None, "--chart", metavar="FILE", help="Before and after: png, pdf, svg."),
    seed: int = typer.Option(0, "--seed", min=0, help="Decides which rows are named once more, or not at all."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Even out the training split by naming rows more than once, or not at all; copies no picture.

    Exit code 1: combinations of which there are too few rows; the index is written nonetheless.
    """
    from mien.cli.data.balance_classes import balance_classes, loaded_classes
    from mien.cli.data.balance_units import asked_for
    from mien.plots.figure import check_path

    if chart:
        check_path(chart)
    wishes = asked_for(want, wants, inclusive=inclusive)
    _refuse(wishes, to, labels, derive, inclusive=inclusive, repeat=repeat)
    if wishes:
        faces, index = _unlabelled(path, ferplus, drop, exclude)
        _by_units(faces, index, wishes, path, out, split, chart, seed, repeat=repeat, json_=json_, quiet=quiet)
    else:
        faces, index, scheme = loaded_classes(path, ferplus, labels, derive, drop, exclude)
        balance_classes(faces, index, scheme, path, out, split, to or SIZE, drop, chart, seed, json_=json_, quiet=quiet)


def _refuse(
    wishes: tuple[Wish, ...], to: str, labels: str | None, derive: str, *, inclusive: bool, repeat: bool
) -> None:
    from mien.errors import MienError

    beside = {"--to": to, "--labels": labels, "--derive": derive}
    if wishes and (clash := [name for name, value in beside.items() if value]):
        raise MienError(f"--want and {', '.join(clash)}: rows are drawn by units or evened out by class; give one")
    if not wishes and (alone := [n for n, on in (("--inclusive", inclusive), ("--repeat", repeat)) if on]):
        raise MienError(f"{', '.join(alone)}: speaks of combinations of units; add --want AU06+AU12=2000")
    if derive and labels:
        raise MienError("--derive and --labels: both say whose classes; give one")


def _unlabelled(path: str, ferplus: Path | None, drop: list[str], exclude: Path | None) -> tuple[FaceSet, Index]:
    """A set that needs no emotions, unless some are to be left out."""
    from mien.cli.data.balance_classes import without
    from mien.cli.data.labels import loaded
    from mien.datasets.load import load_indexed

    if drop:
        faces, index, _ = loaded(path, ferplus, None, drop, exclude)
        return faces, index
    return without(*load_indexed(path, ferplus=ferplus), exclude)


def _by_units(
    faces: FaceSet,
    index: Index,
    wishes: tuple[Wish, ...],
    path: str,
    out: Path,
    split: str,
    chart: Path | None,
    seed: int,
    *,
    repeat: bool,
    json_: bool,
    quiet: bool,
) -> None:
    import json

    from rich.console import Console

    from mien.cli.data.balance_units import balance_units, panels_of, print_unit_balance
    from mien.datasets.index import write_index
    from mien.plots.distribution import plot_distribution

    found = balance_units(faces, wishes, split, seed, repeat=repeat)
    write_index(out, index.select(found.rows))
    if chart:
        plot_distribution(panels_of(faces, found), chart)
    if json_:
        facts: dict[str, Any] = {"out": str(out), "data": path, "rows": len(found.rows), "split": found.split}
        typer.echo(json.dumps(facts | {"seed": seed, "repeat": repeat} | found.to_dict(), indent=2))
    elif not quiet:
        print_unit_balance(Console(), found, f"{out}: {len(found.rows):,} rows of {path}")
    if not found.met:
        raise typer.Exit(1)
