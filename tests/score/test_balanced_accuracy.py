"""Balanced accuracy against scikit-learn."""

from __future__ import annotations

import warnings

import pytest
from sklearn.metrics import balanced_accuracy_score

from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.confusion import confusion_matrix


def test_it_is_sklearns_also_with_classes_absent_or_never_predicted(drawn) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of predicted classes without rows
        expected = balanced_accuracy_score(targets, predicted)
    ours = balanced_accuracy(confusion_matrix(targets, predicted, 7))
    assert ours == pytest.approx(100 * expected, rel=0, abs=1e-9)
