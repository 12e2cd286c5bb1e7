"""Calibration error, likelihood and Brier score against torchmetrics and scikit-learn."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss, log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

from mien.score.calibration import brier, expected_calibration_error, negative_log_likelihood, reliability


def test_ece_is_torchmetrics(drawn) -> None:
    import torch

    targets, probabilities = drawn
    probabilities = probabilities.astype(np.float32)  # torchmetrics bins in float32
    expected = multiclass_calibration_error(torch.tensor(probabilities), torch.tensor(targets), 7, n_bins=15)
    assert expected_calibration_error(targets, probabilities) == pytest.approx(100 * float(expected), abs=1e-3)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_ece_is_that_of_a_loop_over_rows(drawn, bins: int) -> None:
    targets, probabilities = drawn
    found: dict[int, list[tuple[float, bool]]] = {}
    for label, row in zip(targets.tolist(), probabilities.tolist(), strict=True):
        sure = max(row)
        found.setdefault(min(int(Fraction(sure) * bins), bins - 1), []).append((sure, row.index(sure) == label))
    expected = sum(
        abs(math.fsum(sure for sure, _ in rows) - sum(right for _, right in rows)) for rows in found.values()
    ) / len(targets)
    ours = expected_calibration_error(targets, probabilities, bins)
    assert ours == pytest.approx(100 * expected, rel=0, abs=1e-9)
    table = reliability(targets, probabilities, bins)
    assert {i: len(rows) for i, rows in found.items()} == {i: n for i, n in enumerate(table.n.tolist()) if n}


def test_nll_is_sklearns_log_loss(drawn) -> None:
    targets, probabilities = drawn
    raised = np.maximum(probabilities, 1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of rows that sum to 1 + 1e-12
        expected = log_loss(targets, raised, labels=np.arange(7))
    assert negative_log_likelihood(targets, probabilities) == pytest.approx(expected, rel=0, abs=1e-9)


def test_brier_is_the_mean_of_squared_distances(drawn) -> None:
    targets, probabilities = drawn
    expected = sum(
        ((row - np.eye(7)[label]) ** 2).sum() for row, label in zip(probabilities, targets, strict=True)
    ) / len(targets)
    assert brier(targets, probabilities) == pytest.approx(expected, rel=0, abs=1e-9)
    assert brier(targets, probabilities) == pytest.approx(
        brier_score_loss(targets, probabilities, labels=np.arange(7), scale_by_half=False), rel=0, abs=1e-9
    )


def test_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.0, 1.0]])
    targets = np.array([0, 1, 1, 1])
    # 0.9 twice, right once: gap 40 of two rows; 0.6 right: gap 40 of one; 1.0 right: none
    assert expected_calibration_error(targets, probabilities) == pytest.approx((2 * 40 + 40) / 4)
    assert negative_log_likelihood(targets, probabilities) == pytest.approx(-np.log([0.9, 0.1, 0.6, 1.0]).mean())
    assert brier(targets, probabilities) == pytest.approx((0.02 + 1.62 + 0.32 + 0) / 4)


def test_a_certain_row_falls_in_the_last_bin_and_an_edge_in_the_upper_one() -> None:
    table = reliability(np.array([0, 0]), np.array([[1.0, 0.0], [0.6, 0.4]]))
    assert table.n[14] == 1
    assert table.n[9] == 1  # 0.6 = 9/15
    assert np.isnan(table.accuracy[0])
    assert reliability(np.array([0]), np.array([[0.3, 0.3, 0.2, 0.2]]), bins=10).n[3] == 1  # 0.3 = 3/10


@given(arrays(np.float64, (12, 3), elements=st.floats(0.01, 1)), st.integers(0, 2))
def test_ranges(odds, label: int) -> None:
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    targets = np.full(12, label)
    assert 0 <= expected_calibration_error(targets, probabilities) <= 100
    assert 0 <= brier(targets, probabilities) <= 2
    assert negative_log_likelihood(targets, probabilities) >= 0


def test_hopeless_rows_stay_finite_and_nonsense_is_refused() -> None:
    assert np.isfinite(negative_log_likelihood(np.array([1]), np.array([[1.0, 0.0]])))
    for bad in ([[0.5, 0.6]], [[np.nan, 1]], [[-0.5, 1.5]], [0.5, 0.5]):
        with pytest.raises(ValueError):
            brier(np.array([0]), np.array(bad))
