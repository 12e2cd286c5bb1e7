"""Whom intervals draw: faces, or all faces of a person together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError

AUTO, FACES, SUBJECT, GROUP = "auto", "faces", "subject", "group"
WAYS = (AUTO, FACES, SUBJECT, GROUP)


def drawn_by(faces: FaceSet, way: str = AUTO) -> tuple[str, NDArray[np.str_] | None]:
    """What intervals draw, in words, and (n,) whose each row is; None where each row is drawn alone.

    Args:
        way: `subject` or `group` draws people, or groups of rows that belong together such as videos; `faces` draws
            rows; `auto` draws people where the set names at least two and somebody has several rows, else rows.
            A row of nobody known stands for itself.

    Raises:
        MienError: another word, or a set that names fewer than two.
    """
    if way not in WAYS:
        raise MienError(f"--groups {way}: expected {', '.join(WAYS)}")
    if way == FACES:
        return "faces", None
    known = faces.group if way == GROUP else faces.subject
    names = np.unique(known[known != ""])
    if len(names) < 2 or (way == AUTO and len(names) == (known != "").sum()):
        if way == AUTO:
            return "faces", None
        raise MienError(f"{faces.name}: --groups {way}: the set names {len(names)}; draw faces")
    alone = np.char.add("row ", np.arange(len(faces)).astype(str))
    what = "people" if way != GROUP else "groups"
    strangers = f" and {int((known == '').sum())} rows of nobody known" if (known == "").any() else ""
    return f"{len(names)} {what}{strangers}", np.where(known != "", known, alone)


def several(drawn: tuple[str, NDArray[np.str_] | None], kept: NDArray[np.bool_]) -> tuple[str, NDArray[np.str_] | None]:
    """The same of the rows that are kept; rows are drawn alone where fewer than two of people or groups are left."""
    words, clusters = drawn
    if clusters is None or len(np.unique(clusters[kept])) < 2:
        return "faces", None
    return words, clusters[kept]
