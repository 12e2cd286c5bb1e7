"""What every fit of an ensemble asks of its arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST = 1e-12
"""Probabilities of the true class are raised to this, as in `score.calibration`."""


def checked_fit(probabilities: NDArray[Any], targets: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(m, n, k) probabilities and (n,) classes 0..k-1, as float64 and int64.

    Raises:
        ValueError: other shapes, no rows, NaN, classes out of range.
    """
    values, labels = np.asarray(probabilities, np.float64), np.asarray(targets)
    if values.ndim != 3 or 0 in values.shape or np.isnan(values).any():
        raise ValueError(f"probabilities of shape {values.shape}: expected (models, rows, classes) without NaN")
    if labels.shape != values.shape[1:2] or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"targets: {labels.dtype} {labels.shape}, expected {values.shape[1]} whole numbers")
    if labels.min() < 0 or labels.max() >= values.shape[2]:
        raise ValueError(f"targets: {labels.min()}..{labels.max()}, expected 0..{values.shape[2] - 1}")
    return values, labels.astype(np.int64)


def own_probabilities(values: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """(m, n) what each model gives the true class, at least SMALLEST."""
    return np.asarray(np.maximum(values[:, np.arange(len(labels)), labels], SMALLEST))
