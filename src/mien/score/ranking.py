"""How well scores order rows, whatever the threshold: ROC and precision-recall curves, one class against the rest.

Rates and areas lie in 0..1, as they are drawn everywhere. Rows of one score are taken together, since no threshold
tells them apart. Definitions are scikit-learn's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.f1 import mean_of_present
from mien.score.inputs import checked_labels

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RocCurve:
    """A point for each distinct score, from (0, 0) to (1, 1); a rate is NaN where there are no such rows.

    Attributes:
        threshold: (m + 1,) falling, infinity first; rows with at least this score are called positive.
        false_positive: (m + 1,) share of the negative rows that are called positive.
        true_positive: (m + 1,) share of the positive rows that are.
    """

    threshold: Floats
    false_positive: Floats
    true_positive: Floats


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """A point for each distinct score, rising in recall; recall is NaN where there are no positive rows.

    Attributes:
        threshold: (m + 1,) falling, infinity first, where nothing is called positive and precision is taken as 1.
        precision: (m + 1,) share of what is called positive that is.
        recall: (m + 1,) share of the positive rows that are called so.
    """

    threshold: Floats
    precision: Floats
    recall: Floats


@dataclass(frozen=True, slots=True)
class Ranking:
    """Each class against the rest: (k,) each, NaN for a class that all rows have, or none.

    Attributes:
        roc_auc: chance that a row of the class has a higher score for it than another row, ties counting half.
        average_precision: precision averaged over the steps in recall; by chance it is the class's share of rows.
        n: rows of the class.
    """

    roc_auc: Floats
    average_precision: Floats
    n: NDArray[np.int64]

    @property
    def macro_roc_auc(self) -> float:
        """Mean over the classes that have one, NaN where none has."""
        return float(mean_of_present(self.roc_auc))

    @property
    def macro_average_precision(self) -> float:
        """Mean over the classes that have one, NaN where none has."""
        return float(mean_of_present(self.average_precision))


def roc_curve(positive: NDArray[Any], scores: NDArray[Any]) -> RocCurve:
    """The ROC curve of one class.

    Args:
        positive: (n,) bool, whether a row is of the class.
        scores: (n,) on any scale, higher is likelier.

    Raises:
        ValueError: no rows, lengths that differ, other than truth values, NaN.
    """
    threshold, hit, called = _steps(positive, scores)
    return RocCurve(threshold, _share(called - hit), _share(hit))


def precision_recall_curve(positive: NDArray[Any], scores: NDArray[Any]) -> PrecisionRecallCurve:
    """The precision-recall curve of one class; arguments and errors as for `roc_curve`."""
    threshold, hit, called = _steps(positive, scores)
    return PrecisionRecallCurve(threshold, np.where(called > 0, hit / np.maximum(called, 1), 1.0), _share(hit))


def roc_auc(positive: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the ROC curve by the trapezoid rule, NaN without positive or without negative rows."""
    curve = roc_curve(positive, scores)
    width, height = np.diff(curve.false_positive), curve.true_positive
    return float((width * (height[1:] + height[:-1]) / 2).sum())


def average_precision(positive: NDArray[Any], scores: NDArray[Any]) -> float:
    """Sum of (R_i - R_i-1) P_i over the thresholds, NaN without positive or without negative rows.

    No line is drawn between points, which would promise more than can be had (Davis & Goadrich 2006).
    """
    curve = precision_recall_curve(positive, scores)
    if np.asarray(positive).all():
        return float("nan")
    return float((np.diff(curve.recall) * curve.precision[1:]).sum())


def one_against_rest(targets: NDArray[Any], scores: NDArray[Any]) -> Ranking:
    """Areas of every class.

    Args:
        targets: (n,) classes 0..k-1.
        scores: (n, k) probabilities or any other scores, higher is likelier.

    Raises:
        ValueError: shapes that do not fit, NaN.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 2 or len(values) != len(np.asarray(targets)):
        raise ValueError(f"scores: shape {values.shape} for {np.shape(targets)} labels, expected (n, k)")
    k = values.shape[1]
    labels = checked_labels(targets, k)
    return Ranking(
        np.array([roc_auc(labels == c, values[:, c]) for c in range(k)]),
        np.array([average_precision(labels == c, values[:, c]) for c in range(k)]),
        np.bincount(labels, minlength=k).astype(np.int64),
    )


def _steps(positive: NDArray[Any], scores: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """Threshold, and rows at or above it: those of the class, and all. (m + 1,) each, starting with none."""
    true, values = np.asarray(positive), np.asarray(scores, np.float64)
    if values.ndim != 1 or true.shape != values.shape or len(values) == 0 or np.isnan(values).any():
        raise ValueError(f"scores of shape {values.shape} for {true.shape} rows, expected (n,) numbers twice")
    if true.dtype != np.bool_:
        raise ValueError(f"positive: {true.dtype}, expected bool")
    order = np.argsort(-values, kind="stable")
    falling = values[order]
    last = np.append(falling[1:] != falling[:-1], True)  # of the rows that share a score
    hit = np.cumsum(true[order], dtype=np.float64)[last]
    called = np.flatnonzero(last) + 1.0
    return np.append(np.inf, falling[last]), np.append(0.0, hit), np.append(0.0, called)


def _share(rising: Floats) -> Floats:
    """Counts as shares of the last of them."""
    return rising / rising[-1] if rising[-1] > 0 else np.full(len(rising), np.nan)
