"""Intensities against scipy and scikit-learn, and ICC(3,1) against the analysis of variance written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, mean_squared_error

from mien.score.ordinal import per_intensity


def icc(x: np.ndarray, y: np.ndarray) -> float:
    """Shrout & Fleiss 1979, case 3, by its mean squares."""
    table = np.stack([x, y], axis=1)
    n, k = table.shape
    grand = table.mean()
    rows = k * ((table.mean(axis=1) - grand) ** 2).sum()
    raters = n * ((table.mean(axis=0) - grand) ** 2).sum()
    rest = ((table - grand) ** 2).sum() - rows - raters
    bms, ems = rows / (n - 1), rest / ((n - 1) * (k - 1))
    return float((bms - ems) / (bms + (k - 1) * ems))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_each_unit(seed: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    targets = random.choice(6, (250, 4), p=[0.6, 0.15, 0.1, 0.08, 0.05, 0.02]).astype(float)
    said = np.clip(0.7 * targets + random.normal(0.3, 0.6, targets.shape), 0, 5) + shift
    targets[random.random(targets.shape) < 0.2] = np.nan
    ours = per_intensity(targets, said)
    for u in range(4):
        known = ~np.isnan(targets[:, u])
        x, y = targets[known, u], said[known, u]
        assert (ours.n[u], ours.positive[u]) == (known.sum(), (x > 0).sum())
        assert ours.icc[u] == pytest.approx(icc(x, y), abs=1e-9)
        assert ours.pearson[u] == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
        assert ours.mae[u] == pytest.approx(mean_absolute_error(x, y), abs=1e-9)
        assert ours.mse[u] == pytest.approx(mean_squared_error(x, y), abs=1e-9)
    assert ours.macro("icc") == pytest.approx(ours.icc.mean())


def test_units_without_labels_have_no_scores() -> None:
    targets = np.array([[np.nan, 0.0], [np.nan, 0.0]])
    ours = per_intensity(targets, np.array([[np.nan, 1.0], [2.0, 2.0]]))
    assert np.isnan([ours.icc[0], ours.mae[0], ours.mse[0], ours.pearson[0], ours.pearson[1]]).all()
    assert ours.mae[1] == 1.5
    assert ours.macro("mae") == 1.5


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        per_intensity(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="not finite"):
        per_intensity(np.zeros((2, 1)), np.full((2, 1), np.inf))
