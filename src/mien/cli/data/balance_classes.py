"""`mien data balance` by class: those of a label scheme, or derived from action units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.census import ClassCounts
    from mien.datasets.face_set import FaceSet
    from mien.datasets.index import Index


def loaded_classes(
    path: str, ferplus: Path | None, labels: str | None, derive: str, drop: list[str], exclude: Path | None
) -> tuple[FaceSet, Index, str]:
    """As `labels.loaded`, whose schemes the derived ones join."""
    from mien.cli.data.labels import NO_LABEL, dropped, kept_rows, loaded
    from mien.datasets.emfacs import merge_of, with_emfacs
    from mien.datasets.load import load_indexed
    from mien.errors import MienError

    if not derive:
        return loaded(path, ferplus, labels, drop, exclude)
    gone = dropped(drop)
    faces, index = load_indexed(path, ferplus=ferplus)
    faces = with_emfacs(faces, derive)
    if merge_of(derive) and set(gone) - {NO_LABEL}:
        raise MienError(f"--drop {','.join(gone)}: {derive} knows one emotion and all else; drop {NO_LABEL} alone")
    rows = kept_rows(faces, derive, gone)
    faces, index = without(faces, index, exclude, rows)
    return faces, index, derive


def without(
    faces: FaceSet, index: Index, exclude: Path | None, rows: NDArray[np.bool_] | None = None
) -> tuple[FaceSet, Index]:
    """Of these rows those that are not left out."""
    import numpy as np

    from mien.errors import MienError
    from mien.evaluate.exclusions import read_exclusions

    kept = np.ones(len(faces), np.bool_) if rows is None else rows
    if exclude:
        kept &= ~read_exclusions(exclude, len(faces))
    if not kept.any():
        raise MienError(f"{faces.name}: no rows left: drop fewer emotions, or exclude fewer rows")
    return (faces, index) if kept.all() else (faces.select(kept), index.select(kept))


def balance_classes(
    faces: FaceSet,
    index: Index,
    scheme: str,
    path: str,
    out: Path,
    split: str,
    to: str,
    drop: list[str],
    chart: Path | None,
    seed: int,
    *,
    json_: bool,
    quiet: bool,
) -> None:
    import json

    from rich.console import Console

    from mien.cli.data.counts import distribution_of, print_counts
    from mien.cli.data.labels import dropped
    from mien.datasets.index import write_index
    from mien.plots.distribution import plot_distribution

    gone = dropped(drop)
    before = _counts(faces, scheme)
    name, rows = _evened(faces, scheme, split, to, seed, gone)
    told = faces.replace(pixels=None, paths=faces.file).select(rows)  # the pictures are not needed to count them
    after = _counts(told, scheme)
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


def _counts(faces: FaceSet, scheme: str) -> ClassCounts:
    """Rows by class; of one emotion against all else, by these two."""
    import numpy as np

    from mien.datasets.census import ClassCounts, class_counts, split_rows
    from mien.datasets.classes import classes_of
    from mien.datasets.emfacs import merge_of

    if not merge_of(scheme):
        return class_counts(faces, scheme)
    classes, (splits, which) = classes_of(faces, scheme), split_rows(faces)
    cells = np.zeros((1 + len(classes.names), len(splits)), np.int64)  # the first row: without a label
    np.add.at(cells, (classes.hard + 1, which), 1)
    return ClassCounts(scheme, classes.names, splits, cells[1:], cells[0])


def _evened(
    faces: FaceSet, scheme: str, split: str, to: str, seed: int, gone: list[str]
) -> tuple[str, NDArray[np.int64]]:
    """The split's own name, and the rows of the whole index in the data set's order."""
    import numpy as np

    from mien.datasets.even_out import even_out
    from mien.errors import MienError
    from mien.evaluate.chosen_split import ALL, chosen_split

    whole = not (faces.split != "").any()
    name, chosen = chosen_split(faces, ALL if whole else split)
    within = np.flatnonzero(chosen)
    classes, names = _classes(faces, scheme, gone)
    try:
        evened = even_out(classes[within], names, to, seed)
    except MienError as error:
        raise MienError(f"{faces.name}, split {name}, {scheme} labels: {error} (--drop EMOTION)") from error
    return name, np.sort(np.concatenate([np.flatnonzero(~chosen), within[evened]]))


def _classes(faces: FaceSet, scheme: str, gone: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """(n,) each row's class, -1 for none, and their names."""
    import numpy as np

    from mien.datasets.classes import classes_of
    from mien.datasets.emfacs import merge_of
    from mien.evaluate.label_scheme import emotions_of
    from mien.labels import EMOTIONS

    if merge_of(scheme):
        classes = classes_of(faces, scheme)
        return classes.hard, list(classes.names)
    names = [EMOTIONS[k] for k in np.flatnonzero(emotions_of(faces, scheme)) if EMOTIONS[k] not in gone]
    place = np.full(len(EMOTIONS) + 1, -1)  # the last stands for -1, a row without a label
    place[[EMOTIONS.index(emotion) for emotion in names]] = np.arange(len(names))
    return place[faces.hard(scheme)], names
