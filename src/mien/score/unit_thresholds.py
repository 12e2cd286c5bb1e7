"""From which score on a unit counts as shown: the threshold of the best F1, unit by unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

UNFITTED = 0.5
"""Of a unit that no row shows: nothing can be learnt about it."""


def best_threshold(shown: NDArray[np.bool_], scores: NDArray[Any]) -> float:
    """The score from which on calling a unit shown gives the highest F1.

    Every distinct score is tried, so the answer is exact for these rows (Lipton et al. 2014, "Optimal thresholding of
    classifiers to maximize F1 measure", say what it tends to). Of equal F1s the higher threshold wins: it calls fewer
    faces.

    Args:
        shown: (n,) bool.
        scores: (n,) higher is likelier.

    Returns:
        One of the scores; UNFITTED where no row shows the unit.

    Raises:
        ValueError: lengths that differ, other than truth values, or NaN.
    """
    true, values = np.asarray(shown), np.asarray(scores, np.float64)
    if values.ndim != 1 or true.shape != values.shape or np.isnan(values).any():
        raise ValueError(f"scores of shape {values.shape} for {true.shape} rows, expected (n,) numbers twice")
    if true.dtype != np.bool_:
        raise ValueError(f"shown: {true.dtype}, expected bool")
    positive = int(true.sum())
    if not positive:
        return UNFITTED
    falling = np.unique(values)[::-1]
    called = len(values) - np.searchsorted(np.sort(values), falling, "left")
    hit = positive - np.searchsorted(np.sort(values[true]), falling, "left")
    return float(falling[(2 * hit / (positive + called)).argmax()])  # the first of equal ones, which is the highest


def best_thresholds(targets: NDArray[Any], scores: NDArray[Any]) -> NDArray[np.float64]:
    """(u,) `best_threshold` of each unit over the rows that have a label for it.

    Args:
        targets: (n, u) 1 shown, 0 not, NaN without a label.
        scores: (n, u).

    Raises:
        ValueError: shapes that differ, or NaN where there is a label.
    """
    true, values = np.asarray(targets, np.float64), np.asarray(scores, np.float64)
    if true.ndim != 2 or true.shape != values.shape:
        raise ValueError(f"targets of shape {true.shape}, scores of shape {values.shape}: expected (n, u) twice")
    known = ~np.isnan(true)
    each = [best_threshold(true[known[:, u], u] == 1, values[known[:, u], u]) for u in range(true.shape[1])]
    return np.array(each, np.float64)
