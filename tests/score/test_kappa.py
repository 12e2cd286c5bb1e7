"""Cohen's kappa against scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from mien.score.confusion import confusion_matrix
from mien.score.intervals import bootstrap_confusion
from mien.score.kappa import WEIGHTS, cohens_kappa


@pytest.mark.parametrize("weights", WEIGHTS)
def test_it_is_sklearns(drawn, weights: str) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where kappa is not defined
        name = None if weights == "none" else weights
        expected = cohen_kappa_score(targets, predicted, labels=np.arange(7), weights=name)
    ours = cohens_kappa(confusion_matrix(targets, predicted, 7), weights)
    assert ours == pytest.approx(expected, rel=0, abs=1e-9, nan_ok=True)


def test_by_hand_and_whoever_comes_first() -> None:
    table = np.array([[20, 5], [10, 15]])  # 35 of 50 agree; by chance (25 * 30 + 25 * 20) / 50 = 25
    assert cohens_kappa(table) == pytest.approx((35 - 25) / (50 - 25))
    assert cohens_kappa(table) == cohens_kappa(table.T)


def test_classes_that_nobody_names_add_nothing_and_one_cell_is_not_defined() -> None:
    table = np.array([[4, 1], [2, 5]])
    wide = np.zeros((4, 4), int)
    wide[np.ix_([1, 3], [1, 3])] = table
    assert cohens_kappa(wide) == pytest.approx(cohens_kappa(table))
    assert np.isnan(cohens_kappa(np.array([[9, 0], [0, 0]])))
    assert np.isnan(cohens_kappa(np.zeros((2, 2))))
    assert cohens_kappa(np.array([[3, 6], [0, 0]])) == 0  # one class alone is true, and both are named


def test_a_stack_gives_one_each_so_that_it_can_be_drawn_anew() -> None:
    stack = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    np.testing.assert_allclose(cohens_kappa(stack), [cohens_kappa(one) for one in stack])
    low, high = bootstrap_confusion(cohens_kappa, stack[0])
    assert low < cohens_kappa(stack[0]) < high


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="expected none, linear, quadratic"):
        cohens_kappa(np.eye(2), "cubic")
    with pytest.raises(ValueError, match=r"expected \(\.\.\., k, k\)"):
        cohens_kappa(np.ones((2, 3)))
