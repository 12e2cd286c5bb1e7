"""How near said intensities of units come to the coded ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.agreement import intraclass_correlation
from mien.score.concordance import pearson
from mien.score.f1 import mean_of_present

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerIntensity:
    """(u,) each, over the rows that have a label for the unit; NaN without any.

    Attributes:
        icc: ICC(3,1) of model and coder, see `agreement.intraclass_correlation`.
        mae, mse: mean absolute and squared error, in the scale's own steps and their square.
        pearson: NaN where a side is constant.
        n: rows with a label; `positive`: rows with an intensity above 0.
    """

    icc: Floats
    mae: Floats
    mse: Floats
    pearson: Floats
    n: NDArray[np.int64]
    positive: NDArray[np.int64]

    def macro(self, name: str) -> float:
        """Mean of one of the scores over the units that have it, e.g. `macro("icc")`; NaN where none has."""
        return float(mean_of_present(getattr(self, name)))


def per_intensity(targets: NDArray[Any], predicted: NDArray[Any]) -> PerIntensity:
    """Scores of each unit.

    Args:
        targets: (n, u) intensities, NaN without a label; FACS' are 0 (absent) and 1..5 (A..E).
        predicted: (n, u) on the same scale, whole numbers or not.

    Raises:
        ValueError: shapes that differ, or a prediction that is not finite where there is a label.
    """
    true, said = np.asarray(targets, np.float64), np.asarray(predicted, np.float64)
    if true.ndim != 2 or true.shape != said.shape:
        raise ValueError(f"targets of shape {true.shape}, predictions of shape {said.shape}: expected (n, u) twice")
    known = ~np.isnan(true)
    if not np.isfinite(said[known]).all():
        raise ValueError("predictions: not finite in a row that has a label")
    n = known.sum(axis=0)
    gap = np.where(known, true - np.where(known, said, 0), 0)
    ratings = np.stack([true, np.where(known, said, np.nan)], axis=-1)
    return PerIntensity(
        icc=np.array([intraclass_correlation(ratings[:, u]) for u in range(true.shape[1])], np.float64),
        mae=np.where(n > 0, np.abs(gap).sum(axis=0) / np.maximum(n, 1), np.nan),
        mse=np.where(n > 0, (gap**2).sum(axis=0) / np.maximum(n, 1), np.nan),
        pearson=pearson(true.T, said.T),
        n=n.astype(np.int64),
        positive=(known & (true > 0)).sum(axis=0).astype(np.int64),
    )
