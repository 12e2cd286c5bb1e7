"""Intensities against the analysis of variance written out, scipy and scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, mean_squared_error

from mien.errors import MienError
from mien.evaluate.comparison import rounded
from mien.evaluate.units.intensities import score_intensities
from mien.evaluate.units.people import drawn_by


def icc(x: np.ndarray, y: np.ndarray) -> float:
    """Shrout & Fleiss 1979, case 3: (BMS - EMS) / (BMS + (k - 1) EMS), by a loop over a two-way table."""
    n, k = len(x), 2
    grand = sum([*x, *y]) / (2 * n)
    between = sum(k * ((a + b) / 2 - grand) ** 2 for a, b in zip(x, y, strict=True)) / (n - 1)
    error = sum(
        (value - (a + b) / 2 - side.mean() + grand) ** 2
        for a, b in zip(x, y, strict=True)
        for value, side in ((a, x), (b, y))
    ) / ((n - 1) * (k - 1))
    return float((between - error) / (between + (k - 1) * error))


def test_each_unit(faces, knowing, outputs) -> None:
    head = knowing.spec.head("strength")
    found = score_intensities(outputs(), head)
    assert found.units == ("AU06", "AU01")
    assert found.not_coded == ("AU12",)
    iccs = []
    for u, unit in enumerate(found.units):
        true = faces.targets["intensity"][180:, faces.action_units.index(unit)].astype(float)
        said = knowing.table[180:240, 13 + head.labels.index(unit)].astype(float).clip(0, 5)
        known = ~np.isnan(true)
        x, y = true[known], said[known]
        assert (found.scores.n[u], found.scores.positive[u]) == (known.sum(), (x > 0).sum())
        assert found.scores.icc[u] == pytest.approx(icc(x, y))
        assert found.scores.pearson[u] == pytest.approx(pearsonr(x, y).statistic)
        assert found.scores.mae[u] == pytest.approx(mean_absolute_error(x, y))
        assert found.scores.mse[u] == pytest.approx(mean_squared_error(x, y))
        for value, (low, high) in ((icc(x, y), found.icc_ci95[u]), (found.scores.mae[u], found.mae_ci95[u])):
            assert low < value < high
        iccs.append(icc(x, y))
    assert found.scores.macro("icc") == pytest.approx(np.mean(iccs))
    assert found.mean_icc_ci95[0] < np.mean(iccs) < found.mean_icc_ci95[1]


def test_a_shift_costs_error_and_no_consistency(knowing, outputs) -> None:
    head = knowing.spec.head("strength")
    before = score_intensities(outputs(), head)
    knowing.table = knowing.table.copy()
    knowing.table[:, 13:16] = 0.2 * knowing.table[:, 13:16] + 1.0  # nothing is cut at 0 or 5
    low = score_intensities(outputs(), head)
    knowing.table[:, 13:16] += 1.5
    high = score_intensities(outputs(), head)
    np.testing.assert_allclose(high.scores.icc, low.scores.icc, atol=1e-6)
    assert (high.scores.mae > low.scores.mae).all()
    assert (low.scores.icc < before.scores.icc).all()  # a fifth of the spread


def test_people_and_document(knowing, outputs) -> None:
    found = score_intensities(outputs(), knowing.spec.head("strength"), drawn=drawn_by(outputs().faces, "subject"))
    told = json.loads(json.dumps(rounded(found.to_dict()), allow_nan=False))
    assert told["intervals_over"] == "6 people"
    assert list(told["units"]) == ["AU06", "AU01"]
    assert set(told["mean"]) == {"icc", "mae", "mse", "pearson", "icc_ci95", "mae_ci95"}


def test_none_coded_is_told(faces, knowing, outputs) -> None:
    other = faces.replace(targets={k: v for k, v in faces.targets.items() if k != "intensity"})
    with pytest.raises(MienError, match="no intensity of a unit of strength is coded"):
        score_intensities(outputs(data=other), knowing.spec.head("strength"))
