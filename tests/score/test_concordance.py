"""Concordance and its company against exact fractions, scipy and scikit-learn, also far from 0."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import root_mean_squared_error as sklearn_rmse

from mien.score.concordance import concordance, pearson, root_mean_squared_error, sign_agreement
from mien.score.intervals import bootstrap

KINDS = ("plain", "shifted", "imbalanced", "narrow")


@pytest.fixture(params=[(kind, seed) for kind in KINDS for seed in range(4)], ids=lambda p: f"{p[0]}-{p[1]}")
def affect(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """(150,) targets and predictions."""
    kind, seed = request.param
    random = np.random.default_rng([seed, KINDS.index(kind)])
    x = random.uniform(-1, 1, 150)
    if kind == "imbalanced":
        x = np.where(random.random(150) < 0.93, 0.0, x)
    elif kind == "narrow":
        x = 1e-3 * x + 0.7
    y = 0.6 * x + random.normal(0, 0.3 * x.std(), 150) + 0.1
    return (x + 1e6, y + 1e6) if kind == "shifted" else (x, y)


def exact(x: np.ndarray, y: np.ndarray) -> float:
    """Lin 1989, in fractions, of the very doubles that are scored."""
    a, b = [Fraction(float(v)) for v in x], [Fraction(float(v)) for v in y]
    n = len(a)
    mean_a, mean_b = sum(a) / n, sum(b) / n
    var_a = sum((v - mean_a) ** 2 for v in a) / n
    var_b = sum((v - mean_b) ** 2 for v in b) / n
    together = sum((v - mean_a) * (w - mean_b) for v, w in zip(a, b, strict=True)) / n
    return float(2 * together / (var_a + var_b + (mean_a - mean_b) ** 2))


def test_concordance_is_lins_population_formula(affect) -> None:
    assert concordance(*affect) == pytest.approx(exact(*affect), rel=0, abs=1e-9)


def test_torchmetrics_divides_by_n_minus_1_and_differs_where_the_means_do() -> None:
    import torch
    from torchmetrics.functional.regression import concordance_corrcoef

    x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])
    # variances and covariance 1.25 of n = 4: 2.5 / (2.5 + 1); of n - 1 they are 5/3
    assert concordance(x, y) == pytest.approx(2.5 / 3.5, rel=0, abs=1e-12)
    theirs = float(concordance_corrcoef(torch.tensor(x), torch.tensor(y)))
    assert theirs == pytest.approx((10 / 3) / (10 / 3 + 1), abs=1e-6)


def test_pearson_is_scipys(affect) -> None:
    assert pearson(*affect) == pytest.approx(pearsonr(*affect).statistic, rel=0, abs=1e-9)


def test_error_and_sign(affect) -> None:
    assert root_mean_squared_error(*affect) == pytest.approx(sklearn_rmse(*affect), rel=0, abs=1e-9)
    same = [math.copysign(1, a) == math.copysign(1, b) if a and b else a == b for a, b in zip(*affect, strict=True)]
    assert sign_agreement(*affect) == pytest.approx(100 * sum(same) / len(same), rel=0, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=20),
    st.sampled_from([0.0, -3.5, 1e6]),
)
def test_ranges_and_order_of_the_two(rows: list[tuple[float, float]], shift: float) -> None:
    x, y = np.array(rows).T + shift
    value = concordance(x, y)
    if not np.isnan(value):
        assert -1 - 1e-12 <= value <= 1 + 1e-12
        assert value == pytest.approx(concordance(y, x), rel=0, abs=1e-12)
        r = pearson(x, y)
        assert np.isnan(r) or abs(value) <= abs(r) + 1e-9  # Lin 1989: the accuracy part is at most 1


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6 + 0.1])
def test_constant_sides(constant: float) -> None:
    flat, other = np.full(7, constant), np.linspace(-1, 1, 7)
    assert concordance(flat, other) == concordance(other, flat) == 0
    assert concordance(flat, flat + 0.5) == 0
    assert np.isnan(concordance(flat, flat))
    assert np.isnan(pearson(flat, other))
    assert concordance(other, other) == pytest.approx(1)


def test_rows_without_a_label_are_left_out_whatever_is_predicted_there(affect) -> None:
    x, y = affect
    known = np.arange(len(x)) % 3 > 0
    masked = np.where(known, x, np.nan)
    said = np.where(known, y, np.nan)
    for score in (concordance, pearson, root_mean_squared_error, sign_agreement):
        assert score(masked, said) == pytest.approx(score(x[known], y[known]), rel=0, abs=1e-12)
        assert np.isnan(score(np.full(3, np.nan), np.zeros(3)))


def test_a_stack_gives_one_each_and_can_be_drawn_anew(affect) -> None:
    x, y = (side.reshape(3, 50) for side in affect)
    for score in (concordance, pearson, root_mean_squared_error, sign_agreement):
        np.testing.assert_allclose(score(x, y), [score(a, b) for a, b in zip(x, y, strict=True)], rtol=0, atol=1e-12)
    low, high = bootstrap(concordance, *affect, resamples=300)
    assert low < concordance(*affect) < high


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        concordance(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="not finite"):
        pearson(np.zeros(3), np.array([0, 1, np.nan]))
