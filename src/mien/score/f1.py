"""Precision, recall and F1 of each class, and the mean of the F1s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PerClass:
    """One value a class; the last axis runs over the k classes.

    `precision`, `recall`, `f1` in percent; `n` is the number of rows. Recall and F1 are NaN for a class
    without rows. Precision is 0 for a class that has rows and is never predicted, NaN for one with neither.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    n: NDArray[np.int64]


def per_class(confusion: NDArray[Any]) -> PerClass:
    """(..., k, k) counts, true class by predicted class -> precision, recall and F1 of each class."""
    counts = np.asarray(confusion)
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    rows, said = counts.sum(axis=-1), counts.sum(axis=-2)
    present = rows > 0
    precision = np.where(present | (said > 0), 100 * right / np.maximum(said, 1), np.nan)
    recall = np.where(present, 100 * right / np.maximum(rows, 1), np.nan)
    f1 = np.where(present, 200 * right / np.maximum(rows + said, 1), np.nan)
    return PerClass(precision, recall, f1, rows.astype(np.int64))


def macro_f1(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """(..., k, k) counts -> (...) mean F1 in percent over the classes that have rows.

    A class that has rows and is never predicted counts with 0. NaN where there are no rows at all.
    """
    return mean_of_present(per_class(confusion).f1)


def mean_of_present(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., k) -> (...) mean of what is not NaN; NaN where all is."""
    known = ~np.isnan(values)
    n = known.sum(axis=-1)
    total = np.where(known, values, 0).sum(axis=-1)
    return np.asarray(np.where(n > 0, total / np.maximum(n, 1), np.nan))
