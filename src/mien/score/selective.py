"""What a model gains by declining to answer: accuracy among the answers that it is surest of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Risk and coverage as the threshold falls, a point for each distinct certainty (Geifman and El-Yaniv 2017).

    Attributes:
        threshold: (m,) falling; faces with at least this certainty are answered.
        coverage: (m,) percent of faces that are answered, rising to 100.
        risk: (m,) percent of the answers that are wrong.
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]


def risk_coverage(right: NDArray[Any], certainty: NDArray[Any]) -> RiskCoverage:
    """The curve; faces of one certainty are answered together or not at all.

    Args:
        right: (n,) bool, whether the answer is right.
        certainty: (n,) the higher the surer, on any scale.

    Raises:
        ValueError: no rows, lengths that differ, NaN.
    """
    correct, sure = np.asarray(right, np.bool_), np.asarray(certainty, np.float64)
    if sure.ndim != 1 or correct.shape != sure.shape or len(sure) == 0 or np.isnan(sure).any():
        raise ValueError(f"certainty of shape {sure.shape} for {correct.shape} answers, expected (n,) numbers")
    order = np.argsort(-sure, kind="stable")
    falling = sure[order]
    last = np.append(falling[1:] != falling[:-1], True)  # of the faces that share a certainty
    answered = np.flatnonzero(last) + 1
    wrong = np.cumsum(~correct[order])[last]
    return RiskCoverage(falling[last], 100 * answered / len(sure), 100 * wrong / answered)


def aurc(right: NDArray[Any], certainty: NDArray[Any]) -> float:
    """Area under the risk-coverage curve in percent: the mean risk over all faces' thresholds.

    What a face without a better rank adds is the risk at its own threshold, so that ties cost what they hide.
    0 where no answer is wrong; the error rate where certainty says nothing.
    """
    curve = risk_coverage(right, certainty)
    weight = np.diff(curve.coverage, prepend=0.0)
    return float((curve.risk * weight).sum() / 100)


def threshold_for_rate(certainty: NDArray[Any], rate: float) -> float:
    """The certainty below which at most a share `rate` of faces lies, and as near to it as ties allow.

    Args:
        certainty: (n,) numbers.
        rate: share of faces to decline, at least 0 and below 1.

    Raises:
        ValueError: no rows or a rate out of range.
    """
    values = np.sort(np.asarray(certainty, np.float64))
    if len(values) == 0 or not 0 <= rate < 1:
        raise ValueError(f"{len(values)} certainties, rate {rate}: expected some, and a rate of at least 0, below 1")
    return float(values[int(np.floor(rate * len(values) + 1e-9))])


def threshold_for_accuracy(
    right: NDArray[Any], certainty: NDArray[Any], accuracy: float, least: int = 30
) -> float | None:
    """The lowest certainty at which the share `accuracy` of the answers is right; None where none is low enough.

    Args:
        accuracy: wanted among the answers, above 0 and at most 1.
        least: answers that there must be: the accuracy of fewer says little.
    """
    curve = risk_coverage(right, certainty)
    answered = np.round(curve.coverage * len(np.asarray(right)) / 100)
    good = np.flatnonzero((curve.risk <= 100 * (1 - accuracy) + 1e-9) & (answered >= least))
    return float(curve.threshold[good[-1]]) if len(good) else None
