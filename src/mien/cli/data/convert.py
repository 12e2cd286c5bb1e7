"""`mien data convert`: a data set in another form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet


def register(group: typer.Typer) -> None:
    group.command()(convert)


def convert(
    path: str = typer.Argument(..., help="Data set, index file or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="PATH", help="NAME.csv, NAME.parquet, or a folder to be made."),
    side: int = typer.Option(0, "--side", min=0, help="Cut to faces of so many pixels; 0 leaves pictures as they are."),
    split: str = typer.Option("all", "--split", help="This split alone."),
    labels: str | None = typer.Option(None, "--labels", help="Emotions to name: fer2013, ferplus, ..."),
    drop: list[str] = typer.Option([], "--drop", metavar="EMOTION", help="Leave out its rows; or `unlabelled`."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Write a data set as FER2013's CSV, as Parquet or as folders SPLIT/EMOTION/*.png, by the ending of --out.

    A CSV holds 48 x 48 grey faces, so others are made so; Parquet keeps FER+'s votes as well. What the form has no
    place for is named.
    """
    import json

    from mien.cli.data.labels import loaded, refuse_made
    from mien.cli.data.progress import steps
    from mien.datasets.convert import SIDE, form_of
    from mien.datasets.convert import convert as write
    from mien.errors import MienError
    from mien.evaluate.chosen_split import chosen_split

    form = form_of(out)
    if form == "csv" and side not in (0, SIDE):
        raise MienError(f"{out}: --side {side}: FER2013's CSV has {SIDE} x {SIDE}; write .parquet or folders")
    faces, _, scheme = loaded(path, ferplus, labels, drop, exclude)
    faces = faces.select(chosen_split(faces, split)[1])
    refuse_made(
        faces,
        path,
        "no other form tells from real ones: name the folder itself as data.variants or data.more of a recipe",
    )
    resized = side or (SIDE if form == "csv" else 0)
    if faces.box is not None and not resized:
        raise MienError(f"{path}: pictures with a box around each face: give --side, the size of what is cut out")
    with steps(quiet) as report:
        pictures = _counted(_pictures(faces, resized, form), len(faces), report)
        write(out, faces, scheme, pictures)
    lost = _lost(faces, scheme, form)
    if json_:
        facts: dict[str, Any] = {"out": str(out), "form": form, "data": path, "rows": len(faces), "labels": scheme}
        typer.echo(json.dumps(facts | {"side": resized or None, "left_out": lost}, indent=2))
    elif not quiet:
        typer.echo(f"{out}: {len(faces):,} faces as {form}, {scheme} labels")
        if lost:
            typer.echo(f"mien: note: {form} has no place for {', '.join(lost)}", err=True)


def _pictures(faces: FaceSet, side: int, form: str) -> Iterator[NDArray[np.uint8]]:
    """Each row's picture, as it is stored where `side` is 0."""
    from mien.evaluate.pixels import crops, originals

    if not side:
        yield from originals(faces)
        return
    grey = form == "csv" or (faces.pixels is not None and faces.pixels.ndim == 3)
    for batch in crops(faces, side, side, "grey" if grey else "rgb"):
        yield from batch


def _counted(
    pictures: Iterator[NDArray[np.uint8]], total: int, report: Callable[[str, int, int], None] | None
) -> Iterator[NDArray[np.uint8]]:
    for done, picture in enumerate(pictures):
        if report is not None:
            report("faces", done, total)
        yield picture


def _lost(faces: FaceSet, scheme: str, form: str) -> list[str]:
    """What is known of these faces and does not stand in the form."""
    import numpy as np

    kept = {scheme} | ({"ferplus"} if form == "parquet" and faces.votes is not None else set())
    found = [name for name, values in faces.targets.items() if name not in kept and not np.isnan(values).all()]
    if faces.votes is not None and form != "parquet":
        found = [*(name for name in found if name != "ferplus"), "votes"]
    return [*found, *(name for name in ("subject", "group") if (getattr(faces, name) != "").any())]
