"""One thing that is wrong with a data set, and the file of all of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.datasets.splits import ROLES, role
from mien.errors import MienError
from mien.labels import EMOTIONS

KINDS = ("exact", "near", "label_conflict", "blank", "suspect_label", "not_a_face")
PAIRS = KINDS[:3]
"""Kinds that are of two rows."""
COLUMNS = ("row", "twin", "kind", "score", "label", "twin_label", "split", "twin_split")


class Finding(NamedTuple):
    """A row, or a pair of rows of which `row` is the one to leave out.

    Attributes:
        kind: one of KINDS.
        row: from 0, in the data set's own order.
        score: 0..1; of pairs how alike the pictures are (1: the same pixels), of `blank` the share of pixels of one
            grey, of `not_a_face` the share of such votes, of `suspect_label` how sure the other label is.
        twin: the row that is kept; -1 where the finding is of one row.
        label, twin_label: positions in `labels.EMOTIONS`, -1 for none; of `suspect_label` the twin's is the label
            that it should rather have.
        source: of `suspect_label`, who says so: "votes" or "confident learning".
    """

    kind: str
    row: int
    score: float
    twin: int = -1
    label: int = -1
    twin_label: int = -1
    source: str = ""


def precedence(split: NDArray[np.str_]) -> NDArray[np.int64]:
    """(n,) places; of two rows with one picture the one with the smaller place is kept.

    Test rows come first, then validation, then training; within a role the earlier row does. A split whose name
    says nothing of its role counts as training. This is one order of all rows, so that leaving out the later row
    of every pair always leaves one of each picture.
    """
    names, which = np.unique(split, return_inverse=True)
    value = np.array([_value(str(name)) for name in names])[which.ravel()]
    order = np.lexsort((np.arange(len(split)), -value))
    place = np.empty(len(split), np.int64)
    place[order] = np.arange(len(split))
    return place


def _value(name: str) -> int:
    try:
        return ROLES.index(role(name))
    except MienError:
        return 0


def label_name(label: int) -> str:
    """The emotion's name, "" for none."""
    return EMOTIONS[label] if label >= 0 else ""


def write_findings(path: Path, findings: Sequence[Finding], split: NDArray[np.str_]) -> None:
    """findings.csv, as `--exclude` and INTERFACE.md have it.

    Args:
        split: (n,) of every row of the data set.

    Raises:
        MienError: a path that cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for f in findings:
                twin, twin_split = (f.twin, split[f.twin]) if f.twin >= 0 else ("", "")
                labels = label_name(f.label), label_name(f.twin_label)
                writer.writerow((f.row, twin, f.kind, f"{f.score:.4f}", *labels, split[f.row], twin_split))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error
