"""Folds for cross-validation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.datasets.folds import folds
from mien.errors import MienError


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 6), min_size=6, max_size=120), st.integers(2, 6), st.integers(0, 1000))
def test_folds_and_classes_in_them_differ_by_one_row_at_most(values: list[int], k: int, seed: int) -> None:
    labels = np.array(values, np.int64)
    fold = folds(labels, k, seed)
    assert fold.shape == labels.shape
    assert np.ptp(np.bincount(fold, minlength=k)) <= 1
    for label in np.unique(labels):
        assert np.ptp(np.bincount(fold[labels == label], minlength=k)) <= 1
    assert (fold == folds(labels, k, seed)).all()


def test_people_stay_in_one_fold() -> None:
    rng = np.random.default_rng(1)
    labels, people = rng.integers(0, 4, 400), np.array([f"p{i}" for i in rng.integers(0, 40, 400)])
    fold = folds(labels, 5, 0, people)
    assert all(len(set(fold[people == name].tolist())) == 1 for name in np.unique(people))
    assert np.bincount(fold).min() >= 70


def test_more_folds_than_can_be() -> None:
    with pytest.raises(MienError, match="2 or more"):
        folds(np.zeros(5, np.int64), 1, 0)
    with pytest.raises(MienError, match="6 folds for 5 rows"):
        folds(np.zeros(5, np.int64), 6, 0)
    with pytest.raises(MienError, match="2 groups for 3 sides"):
        folds(np.zeros(6, np.int64), 3, 0, np.array(["a", "b"] * 3))
