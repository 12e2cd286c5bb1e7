"""Matthews' correlation against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from mien.score.confusion import confusion_matrix
from mien.score.matthews import matthews


def test_it_is_sklearns(drawn) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    ours = matthews(confusion_matrix(targets, predicted, 7))
    assert ours == pytest.approx(matthews_corrcoef(targets, predicted), rel=0, abs=1e-9)


def test_ends_and_what_is_not_defined() -> None:
    assert matthews(np.diag([3, 5, 2])) == pytest.approx(1)
    assert matthews(np.array([[0, 3], [5, 0]])) == pytest.approx(-1)
    assert matthews(np.array([[0, 3], [0, 5]])) == 0
    assert np.isnan(matthews(np.zeros((2, 2))))
    with pytest.raises(ValueError, match=r"expected \(\.\.\., k, k\)"):
        matthews(np.ones(3))


def test_a_stack_gives_one_each() -> None:
    stack = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    np.testing.assert_allclose(matthews(stack), [matthews(one) for one in stack])
