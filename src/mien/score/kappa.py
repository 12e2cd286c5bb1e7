"""Agreement beyond chance of two who name classes: a model and the labels, or two models."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = ("none", "linear", "quadratic")


def cohens_kappa(confusion: NDArray[Any], weights: str = "none") -> NDArray[np.float64]:
    """(..., k, k) counts -> (...) Cohen's kappa: 1 where both always agree, 0 as by chance, below 0 worse than that.

    1 - observed disagreement / disagreement expected of the same margins (Cohen 1960; with weights 1968). A class
    that neither names adds nothing. NaN where no disagreement is to be expected: no rows, or all in one cell of the
    diagonal.

    Args:
        confusion: counts of the first's class (rows) by the second's (columns); the two may change places.
        weights: what a disagreement costs by the distance of two classes in their order: `none` (1 for all, for
            emotions), `linear` or `quadratic` (for classes in an order, as levels of intensity).

    Raises:
        ValueError: weights of another name, or a matrix that is not square.
    """
    counts = np.asarray(confusion, np.float64)
    if counts.ndim < 2 or counts.shape[-1] != counts.shape[-2]:
        raise ValueError(f"confusion: shape {counts.shape}, expected (..., k, k)")
    if weights not in WEIGHTS:
        raise ValueError(f"weights {weights!r}: expected {', '.join(WEIGHTS)}")
    places = np.arange(counts.shape[-1])
    apart = np.abs(places[:, None] - places)
    cost = {"none": apart > 0, "linear": apart, "quadratic": apart**2}[weights]
    n = counts.sum(axis=(-2, -1))
    margins = counts.sum(axis=-1)[..., :, None] * counts.sum(axis=-2)[..., None, :]
    expected = (cost * margins).sum(axis=(-2, -1))  # times n squared
    observed = n * (cost * counts).sum(axis=(-2, -1))
    return np.asarray(np.where(expected > 0, 1 - observed / np.where(expected > 0, expected, 1), np.nan))
