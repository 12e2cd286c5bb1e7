"""Scores from sums against the scores from rows, the very rows that a resample would have."""

from __future__ import annotations

import numpy as np
import pytest

from mien.score import concordance as rows
from mien.score import moments as sums
from mien.score.agreement import intraclass_correlation

PAIRS = [
    (sums.concordance_of, rows.concordance),
    (sums.pearson_of, rows.pearson),
    (sums.rmse_of, rows.root_mean_squared_error),
    (sums.sign_agreement_of, rows.sign_agreement),
    (sums.mae_of, lambda x, y: np.nanmean(np.abs(x - y))),
    (sums.icc_of, lambda x, y: intraclass_correlation(np.stack([x, y], axis=1))),
]


@pytest.mark.parametrize("shift", [0.0, -0.4, 1000.0])
@pytest.mark.parametrize(("of_sums", "of_rows"), PAIRS)
def test_a_resample_scores_as_its_rows_do(of_sums, of_rows, shift: float) -> None:
    random = np.random.default_rng(2)
    x = random.uniform(-1, 1, (60, 2)) + shift
    y = 0.5 * x + random.normal(0.2, 0.3, x.shape) + 0.5 * shift
    x[random.random(x.shape) < 0.2] = np.nan
    drawn = random.integers(0, 60, 60)
    found = of_sums(sums.moments(x, y)[drawn].sum(axis=0))
    np.testing.assert_allclose(found, [of_rows(x[drawn, u], y[drawn, u]) for u in range(2)], rtol=0, atol=1e-8)


def test_constant_sides_are_as_rows_have_them() -> None:
    flat, other, none = np.full((9, 1), 0.3), np.linspace(-1, 1, 9)[:, None], np.full((9, 1), np.nan)
    for of_sums, of_rows in PAIRS[:2]:
        for x, y in ((flat, other), (other, flat), (flat, flat), (flat, flat + 0.5)):
            expected = of_rows(x[:, 0], y[:, 0])
            np.testing.assert_allclose(of_sums(sums.moments(x, y).sum(axis=0))[0], expected, atol=1e-9)
    for of_sums, _ in PAIRS:
        assert np.isnan(of_sums(sums.moments(none, other).sum(axis=0))).all()
    assert np.isnan(sums.icc_of(sums.moments(flat, flat).sum(axis=0))).all()
