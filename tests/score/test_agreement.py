"""ICC(3,1) against the published table, and an analysis of variance in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mien.score.agreement import intraclass_correlation


def anova(ratings: np.ndarray) -> float:
    """By the raw sums of squares of the two-way table, exactly."""
    table = [[Fraction(float(v)) for v in row] for row in ratings]
    n, k = len(table), len(table[0])
    total = sum(sum(row) for row in table)
    correction = total**2 / (n * k)
    all_squares = sum(v**2 for row in table for v in row) - correction
    between = sum(sum(row) ** 2 for row in table) / k - correction
    raters = sum(sum(row[j] for row in table) ** 2 for j in range(k)) / n - correction
    rows = between / (n - 1)
    residual = (all_squares - between - raters) / ((n - 1) * (k - 1))
    return float((rows - residual) / (rows + (k - 1) * residual))


def test_the_example_of_shrout_and_fleiss() -> None:
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    assert intraclass_correlation(ratings) == pytest.approx(0.71, abs=0.005)  # their table 4
    assert intraclass_correlation(ratings) == pytest.approx(anova(ratings), rel=0, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["plain", "shifted", "imbalanced"])
@pytest.mark.parametrize("raters", [2, 4])
def test_it_is_that_of_the_analysis_of_variance(kind: str, seed: int, raters: int) -> None:
    random = np.random.default_rng(seed)
    true = random.integers(0, 6, (80, 1)) * (random.random((80, 1)) < (0.05 if kind == "imbalanced" else 1))
    ratings = true + random.normal(0, 0.8, (80, raters)) + random.normal(size=raters)
    ratings += 1e6 if kind == "shifted" else 0
    assert intraclass_correlation(ratings) == pytest.approx(anova(ratings), rel=0, abs=1e-9)


def test_an_offset_costs_nothing_and_the_opposite_is_minus_1() -> None:
    x = np.array([0.0, 1, 3, 4])
    assert intraclass_correlation(np.column_stack([x, x + 7])) == pytest.approx(1)
    assert intraclass_correlation(np.column_stack([x, -x])) == pytest.approx(-1)


def test_rows_with_nan_are_left_out_and_too_little_is_nan() -> None:
    ratings = np.array([[1.0, 2], [np.nan, 3], [2, 2.5], [4, 5]])
    assert intraclass_correlation(ratings) == intraclass_correlation(ratings[[0, 2, 3]])
    assert np.isnan(intraclass_correlation(ratings[:2]))
    assert np.isnan(intraclass_correlation(np.full((5, 2), 0.1)))
    with pytest.raises(ValueError, match="k at least 2"):
        intraclass_correlation(np.zeros((3, 1)))
