"""Cuts in shares: every class on every side, within a row of what was asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.datasets.cut import stratified_cut
from mien.errors import MienError

LABELS = st.lists(st.integers(-1, 6), min_size=1, max_size=120).map(lambda x: np.array(x, np.int64))
SHARES = st.lists(st.integers(1, 20), min_size=1, max_size=5).map(lambda x: [v / sum(x) for v in x])


@settings(max_examples=150, deadline=None)
@given(LABELS, SHARES, st.integers(0, 1000))
def test_each_class_is_within_a_row_of_its_share_and_on_every_side(
    labels: np.ndarray, shares: list[float], seed: int
) -> None:
    side = stratified_cut(labels, shares, seed)
    assert side.shape == labels.shape
    assert side.dtype == np.int64
    for label in np.unique(labels):
        n = int((labels == label).sum())
        found = np.bincount(side[labels == label], minlength=len(shares))
        wanted = n * np.array(shares)
        assert found.sum() == n
        if n >= len(shares):
            assert (found > 0).all()
        if (wanted >= 1).all():
            assert (abs(found - wanted) < 1 + 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(LABELS, SHARES, st.integers(0, 1000))
def test_a_seed_decides(labels: np.ndarray, shares: list[float], seed: int) -> None:
    assert (stratified_cut(labels, shares, seed) == stratified_cut(labels, shares, seed)).all()


def test_another_seed_is_another_cut_in_the_same_shares() -> None:
    labels = np.repeat(np.arange(4), 50)
    one, other = (stratified_cut(labels, (0.8, 0.1, 0.1), seed) for seed in (0, 1))
    assert (one != other).any()
    assert np.bincount(one).tolist() == np.bincount(other).tolist() == [160, 20, 20]


def test_roundings_of_many_classes_even_out() -> None:
    labels = np.repeat(np.arange(40), 15)  # each class alone would give 1.5 rows to the small sides
    assert np.bincount(stratified_cut(labels, (0.8, 0.1, 0.1), 0)).tolist() == [480, 60, 60]


def test_a_single_row_goes_to_the_largest_side() -> None:
    labels = np.array([0] * 30 + [5])
    assert all(stratified_cut(labels, (0.1, 0.8, 0.1), seed)[-1] == 1 for seed in range(5))
    two = np.array([0] * 30 + [5, 5])
    assert sorted(stratified_cut(two, (0.1, 0.7, 0.2), 0)[-2:].tolist()) == [1, 2]


def test_a_side_without_a_share_stays_empty() -> None:
    assert set(stratified_cut(np.zeros(20, np.int64), (0.5, 0, 0.5), 0).tolist()) == {0, 2}


def test_groups_stay_together() -> None:
    labels = np.arange(60) % 3
    groups = np.array([f"p{i // 6}" for i in range(60)])
    side = stratified_cut(labels, (0.5, 0.5), 0, groups)
    assert all(len(set(side[groups == name].tolist())) == 1 for name in np.unique(groups))


def test_no_rows_is_an_empty_cut() -> None:
    assert stratified_cut(np.zeros(0, np.int64), (0.5, 0.5), 0).shape == (0,)


@pytest.mark.parametrize(("shares", "what"), [((0.5, 0.4), "sum to 0.9"), ((1.2, -0.2), "0 or more"), ((), "0 or m")])
def test_shares_that_are_none(shares: tuple[float, ...], what: str) -> None:
    with pytest.raises(MienError, match=what):
        stratified_cut(np.zeros(4, np.int64), shares, 0)


def test_lengths_that_disagree() -> None:
    with pytest.raises(ValueError, match="3 names for 4 labels"):
        stratified_cut(np.zeros(4, np.int64), (1.0,), 0, np.array(["a"] * 3))
