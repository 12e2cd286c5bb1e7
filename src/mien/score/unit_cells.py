"""The four cells in which a face falls for a unit, and the scores that their sums decide."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HIT, FALSE_ALARM, MISSED, LEFT = range(4)
"""Columns of `cells`."""


def cells(targets: NDArray[Any], said: NDArray[np.bool_]) -> Floats:
    """(n, u) labels, NaN without, and what was said -> (n, u, 4), 1 in the column that the row falls in."""
    shown, known = np.asarray(targets) == 1, ~np.isnan(targets)
    each = (shown & said, known & ~shown & said, shown & ~said, known & ~shown & ~said)
    return np.stack(each, axis=-1).astype(np.float64)


def f1_of(sums: Floats) -> Floats:
    """(..., 4) sums of `cells` -> F1 in percent, NaN where nothing is shown."""
    shown = sums[..., HIT] + sums[..., MISSED]
    below = shown + sums[..., HIT] + sums[..., FALSE_ALARM]
    return np.where(shown > 0, 200 * sums[..., HIT] / np.maximum(below, 1), np.nan)


def accuracy_of(sums: Floats) -> Floats:
    """(..., 4) sums of `cells` -> accuracy in percent, NaN without labels."""
    n = sums.sum(axis=-1)
    return np.where(n > 0, 100 * (sums[..., HIT] + sums[..., LEFT]) / np.maximum(n, 1), np.nan)
