from __future__ import annotations

import numpy as np
import pytest

from mien.score.selective import aurc, risk_coverage, threshold_for_accuracy, threshold_for_rate

RIGHT = np.array([True, True, False, True, False])
SURE = np.array([0.9, 0.8, 0.7, 0.7, 0.2])


def test_the_curve_by_hand_ties_together() -> None:
    curve = risk_coverage(RIGHT, SURE)
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.7, 0.2])
    np.testing.assert_allclose(curve.coverage, [20, 40, 80, 100])
    np.testing.assert_allclose(curve.risk, [0, 0, 25, 40])
    assert aurc(RIGHT, SURE) == pytest.approx((0 * 20 + 0 * 20 + 25 * 40 + 40 * 20) / 100)


def test_aurc_is_the_mean_risk_over_thresholds() -> None:
    random = np.random.default_rng(0)
    sure, right = random.permutation(500) / 500, random.random(500) < 0.7
    order = np.argsort(-sure)
    risks = [100 * (1 - right[order[: i + 1]].mean()) for i in range(500)]
    assert aurc(right, sure) == pytest.approx(np.mean(risks))


def test_certainty_that_says_nothing_gives_the_error_rate_and_perfect_one_less() -> None:
    right = np.random.default_rng(0).random(400) < 0.7
    error = 100 * (1 - right.mean())
    assert aurc(right, np.zeros(400)) == pytest.approx(error)
    assert aurc(right, right.astype(float)) < error
    assert aurc(np.ones(9, bool), np.arange(9)) == 0


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 0.5])
def test_a_rate_is_met_from_below(rate: float) -> None:
    sure = np.random.default_rng(1).permutation(200) / 200
    assert (sure < threshold_for_rate(sure, rate)).mean() == pytest.approx(rate)
    tied = np.round(sure, 1)
    assert (tied < threshold_for_rate(tied, rate)).mean() <= rate


def test_an_accuracy_is_met_with_as_many_answers_as_can_be() -> None:
    random = np.random.default_rng(2)
    sure = random.random(3000)
    right = random.random(3000) < sure
    threshold = threshold_for_accuracy(right, sure, 0.8)
    assert threshold is not None
    answered = sure >= threshold
    assert right[answered].mean() >= 0.8
    assert threshold == pytest.approx(0.6, abs=0.05)  # above t the mean is (1 + t) / 2
    more = sure >= np.sort(sure[sure < threshold])[-1]
    assert right[more].mean() < 0.8
    assert threshold_for_accuracy(np.zeros(3000, bool), sure, 0.8) is None
    assert threshold_for_accuracy(np.ones(20, bool), np.arange(20), 0.9) is None  # fewer than thirty


def test_bad_input_is_refused() -> None:
    for right, sure in ((RIGHT, SURE[:3]), (RIGHT[:0], SURE[:0]), (RIGHT, SURE * np.nan)):
        with pytest.raises(ValueError, match="certainty"):
            risk_coverage(right, sure)
    with pytest.raises(ValueError, match="rate"):
        threshold_for_rate(SURE, 1.0)
