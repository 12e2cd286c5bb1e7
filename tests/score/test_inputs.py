"""What metrics refuse."""

from __future__ import annotations

import numpy as np
import pytest

from mien.score.inputs import checked, checked_labels, checked_probabilities


def test_good_arrays_pass_as_int64_and_float64() -> None:
    labels, values = checked(np.array([1, 0], np.uint8), np.array([[0.25, 0.75], [1, 0]], np.float32))
    assert labels.dtype == np.int64
    assert values.dtype == np.float64


@pytest.mark.parametrize("labels", [[], [[0]], [0.0], [-1], [2]])
def test_labels_out_of_place(labels: list[object]) -> None:
    with pytest.raises(ValueError, match="labels"):
        checked_labels(np.array(labels), 2)


@pytest.mark.parametrize("values", [[0.5, 0.5], [[0.5, 0.6]], [[np.nan, 1]], [[np.inf, 0]], [[-0.1, 1.1]]])
def test_probabilities_that_are_none(values: list[object]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        checked_probabilities(np.array(values))


def test_lengths_that_differ() -> None:
    with pytest.raises(ValueError, match="1 labels for 2 rows"):
        checked(np.array([0]), np.full((2, 2), 0.5))
