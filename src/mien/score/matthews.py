"""Correlation of the predicted with the true classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def matthews(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """(..., k, k) counts -> (...) Matthews' correlation coefficient for k classes, -1..1 (Gorodkin 2004).

    It needs all four corners of a matrix to be good, and so is not fooled by imbalance. 0 where all rows are of one
    class or all predictions are, as in scikit-learn; NaN where there are no rows.

    Raises:
        ValueError: a matrix that is not square.
    """
    counts = np.asarray(confusion, np.float64)
    if counts.ndim < 2 or counts.shape[-1] != counts.shape[-2]:
        raise ValueError(f"confusion: shape {counts.shape}, expected (..., k, k)")
    right = np.trace(counts, axis1=-2, axis2=-1)
    rows, said, n = counts.sum(axis=-1), counts.sum(axis=-2), counts.sum(axis=(-2, -1))
    together = right * n - (rows * said).sum(axis=-1)
    spread = (n**2 - (rows**2).sum(axis=-1)) * (n**2 - (said**2).sum(axis=-1))
    value = np.where(spread > 0, together / np.sqrt(np.where(spread > 0, spread, 1)), 0.0)
    return np.asarray(np.where(n > 0, value, np.nan))
