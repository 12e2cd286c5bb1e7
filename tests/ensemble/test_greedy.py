"""Greedy selection takes what helps, and each step is the best one."""

from __future__ import annotations

import numpy as np
import pytest

from mien.ensemble.greedy import fit_greedy
from mien.ensemble.weights_fit import fit_weights


def nll(weights: np.ndarray, probabilities: np.ndarray, targets: np.ndarray) -> float:
    mixed = (weights / weights.sum()) @ probabilities.swapaxes(0, 1)
    return float(-np.log(mixed[np.arange(len(targets)), targets]).mean())


def test_it_leaves_out_what_guesses_and_nears_the_fitted_weights(members) -> None:
    probabilities, targets = members()
    found = fit_greedy(probabilities, targets)
    assert found.dtype == np.int64
    assert found[2] == 0
    assert 1 <= found.sum() <= 50
    exact = fit_weights(probabilities, targets)
    assert nll(found, probabilities, targets) == pytest.approx(nll(exact, probabilities, targets), abs=2e-3)


def test_two_rounds_by_hand() -> None:
    """Alone a is best; then b, which knows the row on which a errs, and not c, which is second best alone."""
    targets = np.array([0, 0, 0])
    said = np.array([[0.9, 0.9, 0.1], [0.2, 0.2, 0.9], [0.85, 0.85, 0.1]])
    probabilities = np.stack([said, 1 - said], axis=2)
    assert fit_greedy(probabilities, targets, rounds=1).tolist() == [1, 0, 0]
    assert fit_greedy(probabilities, targets, rounds=2).tolist() == [1, 1, 0]


def test_a_best_member_stays_alone_where_others_only_harm(members) -> None:
    probabilities, targets = members(n=300, signals=(6.0, 0.0))
    assert fit_greedy(probabilities, targets).tolist() == [1, 0]
    twice = np.stack([probabilities[0], probabilities[0]])
    assert fit_greedy(twice, targets).tolist() == [1, 0]  # equal ones: the first, and no more than one


def test_by_top1_no_step_is_worse_than_its_best_member(members) -> None:
    probabilities, targets = members(n=400, signals=(1.0, 1.0, 1.0))
    found = fit_greedy(probabilities, targets, by="top1")
    mixed = found @ probabilities.swapaxes(0, 1)
    alone = [(one.argmax(axis=1) == targets).mean() for one in probabilities]
    assert (mixed.argmax(axis=1) == targets).mean() > max(alone)


def test_what_cannot_be_meant_is_refused(members) -> None:
    probabilities, targets = members(n=5)
    with pytest.raises(ValueError, match="rounds = 0"):
        fit_greedy(probabilities, targets, rounds=0)
    with pytest.raises(ValueError, match="one of nll, top1"):
        fit_greedy(probabilities, targets, by="f1")  # type: ignore[arg-type]
