"""How near numbers come to numbers, for valence and arousal: concordance, correlation, error and sign.

All take (..., n) and give (...), so that `intervals.bootstrap` can draw rows. A row whose target is NaN has no label
and is left out; a score of no rows is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def concordance(targets: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """Lin's concordance correlation coefficient, -1..1: 1 only where every prediction equals its target.

    2 s_xy / (s_x^2 + s_y^2 + (mean_x - mean_y)^2) with variances and covariance divided by n, as Lin 1989 has them,
    and as the challenges on affect in the wild score. Divided by n - 1, as in torchmetrics'
    ConcordanceCorrCoef, a difference of the means weighs less and the value comes out larger in size.

    0 where one side is constant and the other is not or differs; NaN where both are the same constant.

    Args:
        targets: (..., n), NaN without a label.
        predicted: (..., n).

    Raises:
        ValueError: shapes that differ, or a prediction that is not finite where there is a label.
    """
    x, y, known, n = _pairs(targets, predicted)
    dx, dy = _deviations(x, known, n), _deviations(y, known, n)
    apart = _mean(np.where(known, x - y, 0), n)  # from the differences: two means that are alike lose digits
    # constant sides have deviations of exactly 0, so the denominator is 0 only where both are the same constant
    below = _mean(dx**2, n) + _mean(dy**2, n) + apart**2
    return _ratio(2 * _mean(dx * dy, n), below)


def pearson(targets: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """Pearson's correlation, -1..1, NaN where a side is constant; arguments and errors as for `concordance`."""
    x, y, known, n = _pairs(targets, predicted)
    dx, dy = _deviations(x, known, n), _deviations(y, known, n)
    spread = np.sqrt(_mean(dx**2, n)) * np.sqrt(_mean(dy**2, n))
    return np.asarray(np.clip(_ratio(_mean(dx * dy, n), spread), -1, 1))


def root_mean_squared_error(targets: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """In the targets' own unit; arguments and errors as for `concordance`."""
    x, y, known, n = _pairs(targets, predicted)
    return np.asarray(np.sqrt(_mean(np.where(known, x - y, 0) ** 2, n)))


def sign_agreement(targets: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """Percent of rows on the same side of 0 (SAGR of Mollahosseini et al. 2017, AffectNet).

    0 is a side of its own, as in that paper. Arguments and errors as for `concordance`.
    """
    x, y, known, n = _pairs(targets, predicted)
    return 100 * _mean(((np.sign(x) == np.sign(y)) & known).astype(np.float64), n)


def _pairs(targets: NDArray[Any], predicted: NDArray[Any]) -> tuple[Floats, Floats, NDArray[np.bool_], Floats]:
    """Both sides with 0 where there is no label, where there is one, and how many there are."""
    x, y = np.asarray(targets, np.float64), np.asarray(predicted, np.float64)
    if x.shape != y.shape or x.ndim == 0:
        raise ValueError(f"targets of shape {x.shape} and predictions of shape {y.shape}, expected (..., n) twice")
    known = ~np.isnan(x)
    if not (np.isfinite(y) & np.isfinite(x))[known].all():
        raise ValueError("predictions: not finite in a row that has a label")
    return np.where(known, x, 0), np.where(known, y, 0), known, known.sum(axis=-1).astype(np.float64)


def _mean(values: Floats, n: Floats) -> Floats:
    return _ratio(values.sum(axis=-1), n)


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where `below` is 0 or NaN."""
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1), np.nan))


def _deviations(values: Floats, known: NDArray[np.bool_], n: Floats) -> Floats:
    """From the mean of the known ones, 0 elsewhere; exactly 0 for a constant side.

    The mean is taken off twice: of numbers round a million the first mean is off by more than 1e-10.
    """
    if not values.shape[-1]:
        return values
    high = np.max(values, axis=-1, where=known, initial=-np.inf, keepdims=True)
    low = np.min(values, axis=-1, where=known, initial=np.inf, keepdims=True)
    known = known & (low < high)
    deviations = np.where(known, values - low, 0)
    for _ in range(2):
        deviations = np.where(known, deviations - _mean(deviations, n)[..., None], 0)
    return np.asarray(deviations)
