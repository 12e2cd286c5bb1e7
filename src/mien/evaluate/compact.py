"""Predictions in a tenth of the space: what a student needs of its teachers, small enough for a repository."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.predictions import Predictions

PARTS = 64
"""Probabilities become multiples of 1 / PARTS, which float16 holds exactly."""


def compact(predictions: Predictions) -> Predictions:
    """Probabilities alone, those averaged over views where there are such, rounded so that each row sums to 1.

    Logits, votes, branches and twins are left out; no probability moves by 1 / PARTS or more.
    """
    values = predictions.probabilities if predictions.averaged is None else predictions.averaged
    rounded = np.full(values.shape, np.nan, np.float32)
    rounded[:, predictions.emotions] = _rounded(values[:, predictions.emotions])
    return replace(
        predictions, probabilities=rounded, averaged=None, tta="", elsewhere=None, logits=None, branches=None,
        votes=None,
    )  # fmt: skip


def _rounded(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, k) rows of any sum -> multiples of 1 / PARTS that sum to 1, by largest remainders."""
    shares = PARTS * probabilities.astype(np.float64) / probabilities.sum(axis=1, keepdims=True)
    whole: NDArray[np.float64] = np.floor(shares + 1e-6)
    lacking = (PARTS - whole.sum(axis=1)).astype(int)
    order = np.argsort(np.argsort(whole - shares, axis=1, kind="stable"), axis=1)
    whole[order < lacking[:, None]] += 1
    return whole / PARTS
