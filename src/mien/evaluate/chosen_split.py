"""Which rows of a data set a split's name means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.splits import ROLES, role
from mien.errors import MienError

ALL = "all"


def chosen_split(faces: FaceSet, name: str | None) -> tuple[str, NDArray[np.bool_]]:
    """The split's own name and the (n,) mask of its rows.

    Args:
        name: a split as the data set spells it, in any case; `train`, `validation` or `test` for its only
            split of that role; `all` for every row; None for its test split, or for every row of a set
            without splits.

    Raises:
        MienError: no such split, or several that could be meant; the set's splits are listed.
    """
    have = [str(split) for split in np.unique(faces.split) if split]
    if name is not None and name.lower() == ALL:
        return ALL, np.ones(len(faces), np.bool_)
    if name is None and not have:
        return ALL, np.ones(len(faces), np.bool_)
    wanted = "test" if name is None else name
    found = [s for s in have if s == wanted] or [s for s in have if s.lower() == wanted.lower()]
    if not found and wanted.lower() in ROLES:
        found = [s for s in have if _role(s) == wanted.lower()]
    if len(found) != 1:
        listed = ", ".join(have) or "none"
        what = f"no split {wanted!r}" if not found else f"several splits could be {wanted!r}"
        raise MienError(f"{faces.name}: {what}; choose --split from {listed}, or all")
    return found[0], np.asarray(faces.split == found[0])


def _role(name: str) -> str:
    try:
        return role(name)
    except MienError:
        return ""
