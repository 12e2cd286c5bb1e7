"""Scores of units that are there or not, each for itself, as action units are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.f1 import mean_of_present
from mien.score.ranking import average_precision, roc_auc

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerUnit:
    """(u,) each. Precision, recall, F1 and accuracy in percent, the two areas in 0..1.

    Recall and F1 are NaN for a unit that no row shows; precision is 0 for one that is shown and never predicted, NaN
    for one with neither; accuracy is NaN without labels; the areas are NaN unless some rows show it and some do not.

    Attributes:
        n: rows with a label; `positive`: rows that show the unit.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    accuracy: Floats
    roc_auc: Floats
    average_precision: Floats
    n: NDArray[np.int64]
    positive: NDArray[np.int64]

    def macro(self, name: str) -> float:
        """Mean of one of the scores over the units that have it, e.g. `macro("f1")`; NaN where none has."""
        return float(mean_of_present(getattr(self, name)))


def per_unit(targets: NDArray[Any], probabilities: NDArray[Any], threshold: float | NDArray[Any] = 0.5) -> PerUnit:
    """Scores of each unit over the rows that have a label for it.

    Args:
        targets: (n, u) 1 shown, 0 not, NaN without a label. Intensities must be cut to 0 and 1 before.
        probabilities: (n, u), or other scores; what stands where there is no label is not looked at.
        threshold: one, or (u,); a unit is predicted from this on.

    Raises:
        ValueError: shapes that differ, targets other than 0, 1 and NaN, scores that are NaN where there is a label.
    """
    true, scores = np.asarray(targets, np.float64), np.asarray(probabilities, np.float64)
    if true.ndim != 2 or true.shape != scores.shape:
        raise ValueError(f"targets of shape {true.shape}, probabilities of shape {scores.shape}: expected (n, u) twice")
    known = ~np.isnan(true)
    if not np.isin(true[known], (0, 1)).all():
        raise ValueError("targets: expected 0, 1 or NaN")
    if np.isnan(scores[known]).any():
        raise ValueError("probabilities: NaN in a row that has a label")
    shown = true == 1
    with np.errstate(invalid="ignore"):
        said = (scores >= np.asarray(threshold, np.float64)) & known
    hit = (shown & said).sum(axis=0)
    positive, called, n = shown.sum(axis=0), said.sum(axis=0), known.sum(axis=0)
    right = ((shown == said) & known).sum(axis=0)
    some = positive > 0
    ranked = [(shown[known[:, u], u], scores[known[:, u], u]) for u in range(true.shape[1])]
    return PerUnit(
        precision=np.where(some | (called > 0), 100 * hit / np.maximum(called, 1), np.nan),
        recall=np.where(some, 100 * hit / np.maximum(positive, 1), np.nan),
        f1=np.where(some, 200 * hit / np.maximum(positive + called, 1), np.nan),
        accuracy=np.where(n > 0, 100 * right / np.maximum(n, 1), np.nan),
        roc_auc=np.array([roc_auc(*one) if len(one[0]) else np.nan for one in ranked]),
        average_precision=np.array([average_precision(*one) if len(one[0]) else np.nan for one in ranked]),
        n=n.astype(np.int64),
        positive=positive.astype(np.int64),
    )
