"""Weights for the mean of several models' probabilities, fitted to rows whose classes are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.fit_inputs import checked_fit, own_probabilities

GAP = 1e-6
"""Nats of mean NLL by which the fitted weights may at most be worse than the best ones."""
_STEPS = 20_000
_LEAST = 1e-4  # a weight below is 0: its member need not run


def fit_weights(probabilities: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """(m, n, k) probabilities of m models and (n,) classes -> (m,) weights of 0 or more with sum 1.

    They minimise the mean of -ln(sum of weight times probability of the true class), which is convex. Solved by
    expectation and maximisation as the shares of a mixture (Dempster, Laird & Rubin 1977, section 4.3): each step
    multiplies a weight by g, the mean of its member's probability over the mixture's. At the best weights no g is
    above 1, and a mixture is at most ln(max g) nats worse than the best, so the end is known, not guessed.

    Rows to fit on are validation rows; a test split chooses nothing.

    Raises:
        ValueError: shapes that do not fit, NaN, classes out of range.
    """
    values, labels = checked_fit(probabilities, targets)
    own = own_probabilities(values, labels)  # (m, n)
    weights = np.full(len(own), 1 / len(own))
    for _ in range(_STEPS):
        gain = (own / (weights @ own)).mean(axis=1)
        if np.log(gain.max()) < GAP:
            break
        weights = weights * gain
    weights = np.where(weights < _LEAST, 0, weights)
    return np.asarray(weights / weights.sum())
