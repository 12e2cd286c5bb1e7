"""Whom intervals draw: faces, or all faces of a person together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError

AUTO, FACES, SUBJECT, GROUP = "auto", "faces", "subject", "group"
WAYS = (AUTO, FACES, SUBJECT, GROUP)

Drawn = tuple[str, NDArray[np.str_] | None]
"""What intervals draw, in words, and (n,) whose each row is; None where each row is drawn alone."""
ROWS: Drawn = ("faces", None)
_ALONE = "row "


def drawn_by(faces: FaceSet, way: str = AUTO) -> Drawn:
    """What intervals draw, `faces`, `people` or `groups`, and whose each row is; None where each is drawn alone.

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
        return ROWS
    known = faces.group if way == GROUP else faces.subject
    names = np.unique(known[known != ""])
    if len(names) < 2 or (way == AUTO and len(names) == (known != "").sum()):
        if way == AUTO:
            return ROWS
        raise MienError(f"{faces.name}: --groups {way}: the set names {len(names)}; draw faces")
    alone = np.char.add(_ALONE, np.arange(len(faces)).astype(str))
    return "people" if way != GROUP else "groups", np.where(known != "", np.char.add("of ", known), alone)


def on_two_sides(faces: FaceSet, inside: NDArray[np.bool_]) -> tuple[int, int]:
    """How many of a split's people also stand in other splits, and how many people the split has.

    Args:
        inside: (n,) the split's rows. Rows without a split are in none, those of nobody known count for nothing.
    """
    mine = np.unique(faces.subject[inside & (faces.subject != "")])
    others = np.unique(faces.subject[~inside & (faces.split != "") & (faces.subject != "")])
    return len(np.intersect1d(mine, others)), len(mine)


def several(drawn: Drawn, kept: NDArray[np.bool_]) -> Drawn:
    """The same of the rows that are kept, with how many there are of what: `12 people and 3 rows of nobody known`.

    Rows are drawn alone where fewer than two of people or groups are left.
    """
    what, clusters = drawn
    names = np.unique(clusters[kept]) if clusters is not None else np.array([])
    if clusters is None or len(names) < 2:
        return ROWS
    alone = int(np.char.startswith(names, _ALONE).sum())
    strangers = f" and {alone} {'row' if alone == 1 else 'rows'} of nobody known" if alone else ""
    return f"{len(names) - alone} {what}{strangers}", clusters[kept]
