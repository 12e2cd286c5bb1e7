"""Action units of a FaceSet by name: which occur, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet

Floats = NDArray[np.float32]

OCCURRENCE, INTENSITY = "action_units", "intensity"
"""Keys of FaceSet.targets."""
DRAWN_CUT = 0.2
"""Drawn faces hold strengths of 0..1 in place of occurrence: from this on a unit is there to be seen."""
STRONGEST = 5.0
"""FACS' intensity E; A is 1, and 0 is absent."""


def occurrence(faces: FaceSet, units: Sequence[str] | None = None) -> Floats:
    """(n, k) 1 shown, 0 not, NaN unknown.

    Args:
        units: `AU06` and so on, the set's own by default; one that the set does not code is a column of NaN.
    """
    held = _columns(faces, OCCURRENCE, units)
    return np.where(np.isnan(held), np.nan, held >= DRAWN_CUT).astype(np.float32)


def intensity(faces: FaceSet, units: Sequence[str] | None = None) -> Floats:
    """(n, k) FACS intensity 0..5, NaN where it was not coded.

    Args:
        units: as for `occurrence`.
    """
    return _columns(faces, INTENSITY, units)


def _columns(faces: FaceSet, key: str, units: Sequence[str] | None) -> Floats:
    names = faces.action_units if units is None else tuple(units)
    out = np.full((len(faces), len(names)), np.nan, np.float32)
    held = faces.targets.get(key)
    if held is not None:
        for at, name in enumerate(names):
            if name in faces.action_units:
                out[:, at] = held[:, faces.action_units.index(name)]
    return out
