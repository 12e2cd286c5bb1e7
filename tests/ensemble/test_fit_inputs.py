"""What cannot be fitted to is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mien.ensemble.fit_inputs import SMALLEST, checked_fit, own_probabilities

GOOD = np.full((2, 3, 4), 0.25)


@pytest.mark.parametrize(
    ("probabilities", "targets", "told"),
    [
        (GOOD[0], [0, 1, 2], "expected \\(models, rows, classes\\)"),
        (GOOD[:, :0], [], "expected \\(models, rows, classes\\)"),
        (np.where(np.eye(4)[:3] == 1, np.nan, GOOD), [0, 1, 2], "without NaN"),
        (GOOD, [0, 1], "expected 3 whole"),
        (GOOD, [0.0, 1.0, 2.0], "expected 3 whole"),
        (GOOD, [0, 1, 4], "expected 0..3"),
        (GOOD, [0, -1, 2], "expected 0..3"),
    ],
)
def test_refusals(probabilities: np.ndarray, targets: list, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        checked_fit(probabilities, np.array(targets))


def test_the_true_classs_probability_is_never_nothing() -> None:
    values, labels = checked_fit(np.array([[[1, 0], [0.3, 0.7]]]), np.array([1, 1], np.int8))
    np.testing.assert_array_equal(own_probabilities(values, labels), [[SMALLEST, 0.7]])
