"""Whether a model's probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.inputs import checked

BINS = 15
"""Bins of equal width, as Guo et al. 2017 (On Calibration of Modern Neural Networks) and most since."""
SMALLEST = 1e-12
"""Probabilities are raised to this before a logarithm: one hopeless row must not make the mean infinite."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Rows sorted into bins by the confidence of their prediction.

    `confidence` and `accuracy` are means in percent, NaN in an empty bin; `n` counts rows; bin i holds
    confidences from edges[i] up to but without edges[i + 1], the last bin 1.0 as well.
    """

    edges: NDArray[np.float64]  # (bins + 1,), 0..1
    confidence: NDArray[np.float64]  # (bins,)
    accuracy: NDArray[np.float64]  # (bins,)
    n: NDArray[np.int64]  # (bins,)


def reliability(targets: NDArray[Any], probabilities: NDArray[Any], bins: int = BINS) -> Reliability:
    """The reliability diagram's numbers.

    Args:
        targets: (n,) classes 0..k-1.
        probabilities: (n, k), rows summing to 1.
    """
    labels, values = checked(targets, probabilities)
    confidence = values.max(axis=1)
    right = values.argmax(axis=1) == labels
    edges = np.arange(bins + 1) / bins  # linspace puts the third of ten a hair above 0.3
    place = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, bins - 1)
    n = np.bincount(place, minlength=bins)
    total = np.maximum(n, 1)
    mean_confidence = 100 * np.bincount(place, confidence, bins) / total
    mean_accuracy = 100 * np.bincount(place, right, bins) / total
    empty = n == 0
    return Reliability(
        edges,
        np.where(empty, np.nan, mean_confidence),
        np.where(empty, np.nan, mean_accuracy),
        n.astype(np.int64),
    )


def expected_calibration_error(targets: NDArray[Any], probabilities: NDArray[Any], bins: int = BINS) -> float:
    """Percentage points between confidence and accuracy, averaged over rows (Guo et al. 2017, eq. 3)."""
    table = reliability(targets, probabilities, bins)
    gap = np.nan_to_num(np.abs(table.confidence - table.accuracy))
    return float((gap * table.n).sum() / table.n.sum())


def negative_log_likelihood(targets: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """Mean of -ln p(true class), in nats; p is raised to SMALLEST where it is below."""
    labels, values = checked(targets, probabilities)
    own = np.take_along_axis(values, labels[:, None], axis=1)
    return float(-np.log(np.maximum(own, SMALLEST)).mean())


def brier(targets: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """Mean squared distance between a row's probabilities and its one-hot class, 0..2 (Brier 1950)."""
    labels, values = checked(targets, probabilities)
    return float(((values - np.eye(values.shape[1])[labels]) ** 2).sum(axis=1).mean())
