"""What every metric asks of its arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def checked_labels(targets: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """(n,) labels as int64.

    Raises:
        ValueError: no rows, a label that is no whole number, or one out of 0..classes-1 (a row without a
            label must be left out before it comes here).
    """
    labels = np.asarray(targets)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(f"labels: shape {labels.shape}, expected (n,) with n at least 1")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels: {labels.dtype}, expected whole numbers")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels: {labels.min()}..{labels.max()}, expected 0..{classes - 1}")
    return labels.astype(np.int64)


def checked_probabilities(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """(n, k) probabilities as float64.

    Raises:
        ValueError: a wrong shape, values that are not finite or out of 0..1, or rows that do not sum to 1.
    """
    values = np.asarray(probabilities, np.float64)
    if values.ndim != 2 or values.shape[1] < 1:
        raise ValueError(f"probabilities: shape {values.shape}, expected (n, k)")
    if not np.isfinite(values).all() or (values < -1e-5).any() or (values > 1 + 1e-5).any():
        raise ValueError("probabilities: expected finite values in 0..1")
    if not np.allclose(values.sum(axis=1), 1, atol=1e-3):
        raise ValueError("probabilities: rows must sum to 1")
    return values


def checked(targets: NDArray[Any], probabilities: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n,) labels and (n, k) probabilities that belong together.

    Raises:
        ValueError: as the two above, or when their lengths differ.
    """
    values = checked_probabilities(probabilities)
    labels = checked_labels(targets, values.shape[1])
    if len(labels) != len(values):
        raise ValueError(f"{len(labels)} labels for {len(values)} rows of probabilities")
    return labels, values
