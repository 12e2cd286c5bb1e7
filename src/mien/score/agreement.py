"""Whether raters who give numbers agree, as a model and a coder of action units' intensities should."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def intraclass_correlation(ratings: NDArray[Any]) -> float:
    """ICC(3,1): consistency of single ratings by fixed raters (Shrout & Fleiss 1979, case 3).

    (BMS - EMS) / (BMS + (k - 1) EMS), of the mean squares between rows and of the residuals in a two-way analysis of
    variance. A rater who is always higher by the same amount costs nothing: look at the error beside it. NaN with
    fewer than two rows that all raters rated, or where all ratings are one number.

    Args:
        ratings: (n, k), a row a face and a column a rater, k at least 2; for a model against labels (n, 2). A row
            with NaN is left out.

    Raises:
        ValueError: another shape.
    """
    values = np.asarray(ratings, np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"ratings: shape {values.shape}, expected (n, k) with k at least 2")
    values = values[~np.isnan(values).any(axis=1)]
    n, k = values.shape
    if n < 2 or values.min() == values.max():
        return float("nan")
    values = values - values[0, 0]  # ratings round a million would lose the digits in which they differ
    values = values - values.mean()
    rows = values.mean(axis=1, keepdims=True)
    rest = values - rows - values.mean(axis=0, keepdims=True)
    between = k * float((rows**2).sum()) / (n - 1)
    residual = float((rest**2).sum()) / ((n - 1) * (k - 1))
    below = between + (k - 1) * residual
    return (between - residual) / below if below > 0 else float("nan")
