"""The sums that decide how near numbers come to numbers, so that draws of rows need no rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FLAT = 1e-12
"""Variance, over the mean square, that rounding leaves of a constant."""

N, X, Y, XX, YY, XY, ABSOLUTE, SQUARED, SAME_SIDE = range(9)
"""Columns of `moments`."""


def moments(targets: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """(n, u) numbers, NaN without a label, and predictions -> (n, u, 9) that the functions below read summed.

    Both sides are moved by the mean of the labels, which changes none of the scores and keeps digits.
    """
    true, said = np.asarray(targets, np.float64), np.asarray(predicted, np.float64)
    known = ~np.isnan(true)
    n = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known, true, 0).sum(axis=0) / n
    x, y = np.where(known, true - middle, 0), np.where(known, said - middle, 0)
    same = known & (np.sign(np.where(known, true, 0)) == np.sign(np.where(known, said, 0)))
    return np.stack([known, x, y, x * x, y * y, x * y, np.abs(x - y), (x - y) ** 2, same], axis=-1).astype(np.float64)


def concordance_of(sums: Floats) -> Floats:
    """(..., 9) sums of `moments` -> Lin's coefficient as `concordance.concordance` has it."""
    n, x, y, xx, yy, xy = _means(sums)
    return _ratio(2 * (xy - x * y), (xx - x * x) + (yy - y * y) + (x - y) ** 2, xx + yy, n)


def pearson_of(sums: Floats) -> Floats:
    """(..., 9) -> Pearson's correlation, NaN where a side is constant."""
    n, x, y, xx, yy, xy = _means(sums)
    vx, vy = xx - x * x, yy - y * y
    steady = (vx <= _FLAT * xx) | (vy <= _FLAT * yy)
    product = np.where(steady, 0, np.maximum(vx, 0) * np.maximum(vy, 0))
    return np.clip(_ratio(xy - x * y, np.sqrt(product), np.sqrt(xx * yy), n), -1, 1)


def icc_of(sums: Floats) -> Floats:
    """(..., 9) -> ICC(3,1) of two raters, for whom it is 2 s_xy / (s_x^2 + s_y^2)."""
    n, x, y, xx, yy, xy = _means(sums)
    return _ratio(2 * (xy - x * y), (xx - x * x) + (yy - y * y), xx + yy, np.where(n > 1, n, 0))


def rmse_of(sums: Floats) -> Floats:
    """(..., 9) -> root mean squared error."""
    n = sums[..., N]
    return np.where(n > 0, np.sqrt(sums[..., SQUARED] / np.maximum(n, 1)), np.nan)


def mae_of(sums: Floats) -> Floats:
    """(..., 9) -> mean absolute error."""
    n = sums[..., N]
    return np.where(n > 0, sums[..., ABSOLUTE] / np.maximum(n, 1), np.nan)


def sign_agreement_of(sums: Floats) -> Floats:
    """(..., 9) -> percent of rows on the same side of 0."""
    n = sums[..., N]
    return np.where(n > 0, 100 * sums[..., SAME_SIDE] / np.maximum(n, 1), np.nan)


def _means(sums: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    n = sums[..., N]
    x, y, xx, yy, xy = (sums[..., column] / np.maximum(n, 1) for column in (X, Y, XX, YY, XY))
    return n, x, y, xx, yy, xy


def _ratio(above: Floats, below: Floats, size: Floats, n: Floats) -> Floats:
    """NaN without rows, and where `below` is what rounding leaves of nothing."""
    some = (n > 0) & (below > _FLAT * np.maximum(size, 1e-300))
    return np.where(some, above / np.where(some, below, 1), np.nan)
