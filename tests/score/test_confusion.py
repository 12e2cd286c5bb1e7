"""Confusion matrices against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_confusion

from mien.score.confusion import confusion_matrix, row_percentages


def test_counts_are_sklearns(drawn) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    ours = confusion_matrix(targets, predicted, 7)
    assert (ours == sklearn_confusion(targets, predicted, labels=np.arange(7))).all()
    assert ours.dtype == np.int64


def test_rows_are_the_true_class() -> None:
    assert confusion_matrix(np.array([0, 0]), np.array([1, 1]), 2).tolist() == [[0, 2], [0, 0]]


def test_row_percentages_are_nan_where_a_class_has_no_rows() -> None:
    shares = row_percentages(np.array([[3, 1], [0, 0]]))
    assert shares[0].tolist() == [75, 25]
    assert np.isnan(shares[1]).all()


def test_labels_out_of_range_and_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected 0\.\.1"):
        confusion_matrix(np.array([0, 2]), np.array([0, 0]), 2)
    with pytest.raises(ValueError, match="2 labels for 1"):
        confusion_matrix(np.array([0, 1]), np.array([0]), 2)
