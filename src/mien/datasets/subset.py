"""Draws that even out what is learnt from: so many rows of each class, or of each quadrant of affect, at most.

ESR learns each branch from a draw of its own, 5,000 faces a class, and valence and arousal from 5,000 a quadrant
(Siqueira et al. 2020, as their code does).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1


def subset_by_class(labels: NDArray[np.int64], most: int, seed: int, *, unlabelled: bool = False) -> NDArray[np.int64]:
    """At most so many rows of each class, drawn without repeats; a smaller class stays whole.

    Args:
        labels: (n,) class of each row, -1 for none.
        most: rows a class, 0 or more.
        seed: 0 or more; another one draws anew.
        unlabelled: draw as many rows of no class too; else they are left out.

    Returns:
        (m,) positions of rows in ascending order.
    """
    rng = np.random.default_rng(seed)
    found = [label for label in np.unique(labels) if label >= 0 or unlabelled]
    drawn = [rng.permutation(np.flatnonzero(labels == label))[:most] for label in found]
    return np.sort(np.concatenate(drawn)) if drawn else np.zeros(0, np.int64)


def subset_by_quadrant(
    valence: NDArray[np.float32], arousal: NDArray[np.float32], most: int, seed: int
) -> NDArray[np.int64]:
    """At most so many rows of each quadrant of affect, drawn without repeats; rows of none are left out.

    Args:
        valence, arousal: (n,) in -1..1, NaN or anything else where they are unknown.
        most: rows a quadrant, 0 or more.
        seed: 0 or more; another one draws anew.

    Returns:
        (m,) positions of rows in ascending order.
    """
    return subset_by_class(quadrants(valence, arousal), most, seed)


def quadrants(valence: NDArray[np.float32], arousal: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n,) quadrant of each row, zero counting as positive: 0 (v >= 0, a >= 0), 1 (v < 0, a >= 0), 2 (v < 0, a < 0),
    3 (v >= 0, a < 0); -1 where either is no number in -1..1.
    """
    low, calm = valence < 0, arousal < 0
    place = np.where(low, np.where(calm, 2, 1), np.where(calm, 3, 0))
    known = (np.abs(valence) <= 1) & (np.abs(arousal) <= 1)
    return np.where(known, place, UNKNOWN).astype(np.int64)
