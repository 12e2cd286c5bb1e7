"""Precision, recall and F1 against scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support
from torchmetrics.functional.classification import multiclass_f1_score

from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1, per_class


def test_each_class_is_as_sklearn_has_it(drawn) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, n = precision_recall_fscore_support(targets, predicted, labels=np.arange(7), zero_division=0)
    ours = per_class(confusion_matrix(targets, predicted, 7))
    assert (ours.n == n).all()
    present = n > 0
    np.testing.assert_allclose(ours.precision[present], 100 * precision[present], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.recall[present], 100 * recall[present], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.f1[present], 100 * f1[present], rtol=0, atol=1e-9)
    assert np.isnan(ours.recall[~present]).all()
    assert np.isnan(ours.f1[~present]).all()


def test_macro_f1_is_sklearns_over_the_classes_that_have_rows(drawn) -> None:
    targets, probabilities = drawn
    predicted = probabilities.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = f1_score(targets, predicted, labels=np.unique(targets), average="macro", zero_division=0)
    ours = macro_f1(confusion_matrix(targets, predicted, 7))
    assert ours == pytest.approx(100 * expected, rel=0, abs=1e-9)


def test_macro_f1_is_torchmetrics_where_every_class_has_rows(drawn) -> None:
    import torch

    targets, probabilities = drawn
    if len(np.unique(targets)) < 7:
        pytest.skip("torchmetrics counts a class that is predicted but has no rows")
    expected = multiclass_f1_score(torch.tensor(probabilities), torch.tensor(targets), 7, average="macro")
    ours = macro_f1(confusion_matrix(targets, probabilities.argmax(axis=1), 7))
    assert ours == pytest.approx(100 * float(expected), abs=1e-4)


def test_absent_and_never_predicted_classes() -> None:
    # class 1 has rows and is never predicted; 2 has none and is predicted; 3 has none and is not predicted
    confusion = np.array([[3, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    scores = per_class(confusion)
    assert scores.f1[1] == scores.recall[1] == scores.precision[1] == 0
    assert scores.precision[2] == 0
    assert np.isnan(scores.recall[2])
    assert np.isnan([scores.precision[3], scores.recall[3], scores.f1[3]]).all()
    f1 = 2 * 3 / (4 + 5) * 100
    assert macro_f1(confusion) == pytest.approx(f1 / 2)


def test_a_stack_of_matrices_gives_one_score_each() -> None:
    stack = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    np.testing.assert_allclose(macro_f1(stack), [macro_f1(one) for one in stack])
    assert np.isnan(macro_f1(np.zeros((3, 3), int)))
