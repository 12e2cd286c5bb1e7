"""Which class was taken for which."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.inputs import checked_labels


def confusion_matrix(targets: NDArray[Any], predicted: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """(classes, classes) counts: row = true class, column = predicted class.

    Args:
        targets, predicted: (n,) classes 0..classes-1.

    Raises:
        ValueError: labels out of range, or lengths that differ.
    """
    true, said = checked_labels(targets, classes), checked_labels(predicted, classes)
    if len(true) != len(said):
        raise ValueError(f"{len(true)} labels for {len(said)} predictions")
    cells = np.bincount(true * classes + said, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def row_percentages(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """(k, k) counts -> percentages of each true class; NaN in the row of a class without rows."""
    counts = np.asarray(confusion, np.float64)
    n = counts.sum(axis=1, keepdims=True)
    return np.where(n > 0, 100 * counts / np.maximum(n, 1), np.nan)
