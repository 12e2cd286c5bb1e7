"""The stacked regression against scikit-learn's, and where it beats what no weights can mend."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mien.ensemble.stacking import Stacking, fit_stacking, solve

NAMES = ("a", "b", "c", "d")


def nll(probabilities: np.ndarray, targets: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(targets)), targets]).mean())


@pytest.mark.parametrize("l2", [1e-3, 0.1])
def test_drawn_to_zero_it_is_scikit_learns(members, l2: float) -> None:
    probabilities, targets = members(n=400)
    features = np.log(probabilities).swapaxes(0, 1).reshape(400, -1)
    found = solve(features, targets, l2, np.zeros((13, 4)))
    theirs = LogisticRegression(C=1 / (l2 * 400), max_iter=5000, tol=1e-8).fit(features, targets)
    np.testing.assert_allclose(found[:-1].T, theirs.coef_, atol=2e-3)
    e = np.exp(features @ found[:-1] + found[-1])
    np.testing.assert_allclose(e / e.sum(axis=1, keepdims=True), theirs.predict_proba(features), atol=1e-3)


def test_held_hard_it_is_the_geometric_mean_but_for_the_classes_shares(members) -> None:
    probabilities, targets = members(n=300)
    found = fit_stacking(probabilities, targets, NAMES, strengths=(1e6,))
    np.testing.assert_allclose(found.coefficients, np.stack([np.eye(4) / 3] * 3), atol=1e-5)
    plain = Stacking(NAMES, found.coefficients, np.zeros(4), 0.0)(probabilities)
    geometric = np.exp(np.log(np.maximum(probabilities, 1e-6)).mean(axis=0))
    np.testing.assert_allclose(plain, geometric / geometric.sum(axis=1, keepdims=True), atol=1e-4)


def test_it_mends_classes_that_a_member_mixes_up(members) -> None:
    """The second member says b for a and a for b: no weights make use of it, coefficients do."""
    probabilities, targets = members(seed=0)
    fresh, true = members(seed=1)
    for one in (probabilities, fresh):
        one[1] = one[1][:, [1, 0, 2, 3]]
    found = fit_stacking(probabilities, targets, NAMES)
    assert found.coefficients.shape == (3, 4, 4)
    stacked, mean = found(fresh), fresh.mean(axis=0)
    np.testing.assert_allclose(stacked.sum(axis=1), 1)
    assert nll(stacked, true) < nll(mean, true) - 0.2
    assert (stacked.argmax(axis=1) == true).mean() > (mean.argmax(axis=1) == true).mean() + 0.05


def test_noise_is_answered_with_the_strongest_hold() -> None:
    random = np.random.default_rng(0)
    noise = random.dirichlet(np.ones(4), (2, 80))
    assert fit_stacking(noise, random.integers(0, 4, 80), NAMES, strengths=(1e-4, 1e-2, 10.0)).l2 == 10.0


def test_the_same_seed_gives_the_same(members) -> None:
    first, second = (fit_stacking(*members(n=60), NAMES, strengths=(0.1, 1.0), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.coefficients, second.coefficients)


def test_what_does_not_fit_is_refused(members) -> None:
    probabilities, targets = members(n=30)
    with pytest.raises(ValueError, match="2 names of 4 classes"):
        fit_stacking(probabilities, targets, NAMES[:2])
    with pytest.raises(ValueError, match="1 folds of 30 rows"):
        fit_stacking(probabilities, targets, NAMES, folds=1)
    found = Stacking(NAMES, np.zeros((3, 4, 4)), np.zeros(4), 0.0)
    for wrong in (probabilities[:2], probabilities[..., :3], np.where(probabilities > 0.9, np.nan, probabilities)):
        with pytest.raises(ValueError, match=r"expected \(3, rows, 4\)"):
            found(wrong)
