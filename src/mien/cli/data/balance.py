"""`mien data balance`: an index whose training rows are even in their classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet


def register(group: typer.Typer) -> None:
    group.command()(balance)


def balance(
    path: str = typer.Argument(..., help="Data set, index file or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="CSV", help="The index file to write."),
    to: str = typer.Option("max", "--to", help="Rows a class: min, median, max of the classes, or a number."),
    split: str = typer.Option("train", "--split", help="The split that is evened out; the others stay as they are."),
    labels: str | None = typer.Option(None, "--labels", help="Whose classes: fer2013, ferplus, ..."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    drop: list[str] = typer.Option([], "--drop", metavar="EMOTION", help="Leave out its rows; or `unlabelled`."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    chart: Path | None = typer.Option(None, "--chart", metavar="FILE", help="Before and after: png, pdf, svg."),
    seed: int = typer.Option(0, "--seed", min=0, help="Decides which rows are named once more, or not at all."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Even out the classes of the training split by naming rows more than once, or not at all; copies no picture."""
    import json

    from rich.console import Console

    from mien.cli.data.counts import distribution_of, print_counts
    from mien.cli.data.labels import dropped, loaded
    from mien.datasets.census import class_counts
    from mien.datasets.index import write_index
    from mien.plots.distribution import plot_distribution
    from mien.plots.figure import check_path

    if chart:
        check_path(chart)
    gone = dropped(drop)
    faces, index, scheme = loaded(path, ferplus, labels, drop, exclude)
    before = class_counts(faces, scheme)
    name, rows = _evened(faces, scheme, split, to, seed, gone)
    told = faces.replace(pixels=None, paths=faces.file).select(rows)  # the pictures are not needed to count them
    after = class_counts(told, scheme)
    write_index(out, index.select(rows))
    if chart:
        panels = [distribution_of(before, f"before, {scheme} labels"), distribution_of(after, f"after: {name} to {to}")]
        plot_distribution(panels, chart)
    if json_:
        facts = {"out": str(out), "data": path, "rows": len(rows), "scheme": scheme, "split": name, "to": to}
        both = {"before": before.to_dict(), "after": after.to_dict()}
        typer.echo(json.dumps(facts | {"seed": seed, "drop": gone} | both, indent=2))
    elif not quiet:
        console = Console()
        print_counts(console, before, f"before: {path}, {scheme} labels")
        console.print()
        print_counts(console, after, f"after: {out}, {len(rows):,} rows")


def _evened(
    faces: FaceSet, scheme: str, split: str, to: str, seed: int, gone: list[str]
) -> tuple[str, NDArray[np.int64]]:
    """The split's own name, and the rows of the whole index in the data set's order."""
    import numpy as np

    from mien.datasets.even_out import even_out
    from mien.errors import MienError
    from mien.evaluate.chosen_split import ALL, chosen_split
    from mien.evaluate.label_scheme import emotions_of
    from mien.labels import EMOTIONS

    whole = not (faces.split != "").any()
    name, chosen = chosen_split(faces, ALL if whole else split)
    names = [EMOTIONS[k] for k in np.flatnonzero(emotions_of(faces, scheme)) if EMOTIONS[k] not in gone]
    place = np.full(len(EMOTIONS) + 1, -1)  # the last stands for -1, a row without a label
    place[[EMOTIONS.index(emotion) for emotion in names]] = np.arange(len(names))
    within = np.flatnonzero(chosen)
    try:
        evened = even_out(place[faces.hard(scheme)[within]], names, to, seed)
    except MienError as error:
        raise MienError(f"{faces.name}, split {name}, {scheme} labels: {error} (--drop EMOTION)") from error
    return name, np.sort(np.concatenate([np.flatnonzero(~chosen), within[evened]]))
