"""Classes to cut a set of action units by evenly, where it has no emotions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.datasets.units import occurrence


def rarest_unit(faces: FaceSet) -> NDArray[np.int64]:
    """(n,) of the units that a row shows the one that the fewest rows show, a position in `action_units`; -1 for none.

    A row can show many units, and there are too many combinations to cut each evenly; so the rare ones, which a cut by
    chance could leave out of a side, go first.
    """
    shown = occurrence(faces) == 1
    if not shown.any():
        return np.full(len(faces), UNLABELLED, np.int64)
    order = np.argsort(shown.sum(axis=0), kind="stable")  # the rarest first
    first = order[np.argmax(shown[:, order], axis=1)]
    return np.where(shown.any(axis=1), first, UNLABELLED).astype(np.int64)
