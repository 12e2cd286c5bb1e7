"""Fitted weights are the best ones, against SciPy's general optimiser and by the optimality condition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from mien.ensemble.weights_fit import fit_weights


def nll(weights: np.ndarray, probabilities: np.ndarray, targets: np.ndarray) -> float:
    return float(-np.log((weights @ probabilities.swapaxes(0, 1))[np.arange(len(targets)), targets]).mean())


@pytest.mark.parametrize("signals", [(2.0, 1.5, 0.0), (1.0, 1.0, 1.0), (3.0, 0.5, 0.5, 2.0)])
def test_no_other_weights_have_a_lower_nll(members, signals) -> None:
    probabilities, targets = members(signals=signals)
    found = fit_weights(probabilities, targets)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    m = len(signals)
    best = minimize(
        nll, np.full(m, 1 / m), (probabilities, targets), method="SLSQP", bounds=[(0, 1)] * m, tol=1e-12,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )  # fmt: skip
    assert nll(found, probabilities, targets) <= best.fun + 1e-5


def test_a_member_that_guesses_is_left_out_and_the_others_beat_the_mean_on_new_rows(members) -> None:
    found = fit_weights(*members(seed=0))
    assert found[2] == 0
    assert (found[:2] > 0.05).all()
    probabilities, targets = members(seed=1)
    assert nll(found, probabilities, targets) < nll(np.full(3, 1 / 3), probabilities, targets) - 0.05
    right = [((w @ probabilities.swapaxes(0, 1)).argmax(axis=1) == targets).mean() for w in (found, np.ones(3))]
    assert right[0] > right[1] + 0.02


def test_a_single_member_has_all_the_weight_and_a_hopeless_row_does_no_harm(members) -> None:
    probabilities, targets = members(n=20, signals=(1.0,))
    assert fit_weights(probabilities, targets) == [1]
    hopeless = np.zeros((2, 1, 2))
    hopeless[..., 0] = 1
    assert np.isfinite(fit_weights(hopeless, np.array([1]))).all()
