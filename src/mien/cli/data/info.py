"""`mien data info`: what a data set holds, counted and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from mien.datasets.census import ClassCounts
    from mien.datasets.face_set import FaceSet
    from mien.datasets.picture_census import PictureCensus
    from mien.datasets.unit_census import UnitCounts


def register(group: typer.Typer) -> None:
    group.command()(info)


def info(
    paths: list[str] = typer.Argument(
        metavar="PATH...", help="Data set, index file or synthetic:...; several compare."
    ),
    labels: str | None = typer.Option(None, "--labels", help="Of the faces drawn: fer2013, ferplus, ..."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    out: Path | None = typer.Option(None, "--out", metavar="DIR", help="Draw distribution, samples, mean faces here."),
    faces: int = typer.Option(10, "--faces", min=1, help="Of each class in samples.png."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the faces drawn."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Count rows by class and split, look at every picture, and name what rows lack. Exit code 1: unreadable pictures.

    With --out also info.json and figures: several data sets give one distribution.png, a panel each. Of a set with
    action units also their frequency (units.png) and which occur together (co-occurrence.png).
    """
    import json

    from rich.console import Console

    from mien.cli.data.counts import distribution_of
    from mien.cli.data.description import describe
    from mien.cli.data.labels import labelled_schemes, scheme_of
    from mien.datasets.census import class_counts
    from mien.datasets.load import load_dataset
    from mien.datasets.unit_census import unit_counts
    from mien.errors import MienError
    from mien.evaluate.exclusions import without_excluded
    from mien.plots.distribution import plot_distribution

    if exclude and len(paths) > 1:
        raise MienError("--exclude names rows of one data set: give one PATH")
    documents, panels, unreadable = [], [], 0
    for path in paths:
        found = without_excluded(load_dataset(path, ferplus=ferplus), exclude)
        counts = [class_counts(found, scheme) for scheme in labelled_schemes(found)]
        # one panel a set where sets are compared, else one a scheme
        scheme = scheme_of(found, labels, ferplus) if counts or labels else ""
        wanted = [one for one in counts if one.scheme == scheme] if labels or len(paths) > 1 else counts
        panels += [distribution_of(one, f"{Path(path).name}, {one.scheme} labels") for one in wanted]
        pictures = _look(found, path, quiet)
        unreadable += len(pictures.faults)
        units = unit_counts(found)
        documents.append({"data": path, **describe(found, pictures, counts, units)})
        if not json_ and not quiet:
            _report(Console(), documents[-1], counts, units)
        if out and len(paths) == 1:
            readable = found.select(pictures.readable) if pictures.faults else found
            _draw(readable, units, scheme, out, Path(path).name, faces, seed)
    text = json.dumps(documents if len(paths) > 1 else documents[0], indent=2)
    if out and panels:
        plot_distribution(panels, out / "distribution.png")
    if out:
        _write(out / "info.json", text)
    if json_:
        typer.echo(text)
    if unreadable:
        raise typer.Exit(1)


def _look(faces: FaceSet, path: str, quiet: bool) -> PictureCensus:
    from mien.datasets.picture_census import picture_census
    from mien.evaluate.progress import progress

    with progress(f"looking at {Path(path).name}", quiet) as report:
        return picture_census(faces, report)


def _draw(
    readable: FaceSet, units: UnitCounts | None, scheme: str, out: Path, title: str, faces: int, seed: int
) -> None:
    """Figures of a set that is looked at alone."""
    from mien.cli.data.faces_drawn import draw_faces
    from mien.cli.data.unit_counts import draw_unit_counts

    if units:
        draw_unit_counts(units, out, title)
    if scheme:
        draw_faces(readable, scheme, out, faces, seed)


def _report(console: Console, told: dict[str, Any], counts: list[ClassCounts], units: UnitCounts | None) -> None:
    from mien.cli.data.counts import print_counts
    from mien.cli.data.description import lines_of
    from mien.cli.data.unit_counts import print_unit_counts

    console.print(f"[bold]{told['data']}[/bold]: {told['rows']:,} rows", highlight=False)
    for one in counts:
        console.print()
        print_counts(console, one, f"{one.scheme} labels")
    if units:
        console.print()
        print_unit_counts(console, units)
    console.print()
    for key, value in lines_of(told):
        console.print(f"[dim]{key:<11}[/dim] {value}", highlight=False, soft_wrap=True)
    console.print()


def _write(path: Path, text: str) -> None:
    from mien.errors import MienError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: choose a place that can be written") from error
