"""Groups are never torn apart, and classes keep their shares as well as groups allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.datasets.cut import stratified_cut
from mien.errors import MienError


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(4, 30), st.integers(20, 150))
def test_no_group_is_on_two_sides(seed: int, sides: int, names: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 5, n)
    groups = np.array([f"g{i}" for i in rng.permutation(np.arange(n) % names)])
    side = stratified_cut(labels, [1 / sides] * sides, seed, groups)
    assert all(len(np.unique(side[groups == name])) == 1 for name in np.unique(groups))
    assert set(side.tolist()) == set(range(sides))
    assert (side == stratified_cut(labels, [1 / sides] * sides, seed, groups)).all()


def test_classes_keep_their_shares() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(5, 4000, p=[0.5, 0.25, 0.15, 0.08, 0.02])
    groups = np.array([f"p{i}" for i in rng.integers(0, 200, 4000)])
    side = stratified_cut(labels, (0.8, 0.1, 0.1), 0, groups)
    for label in range(5):
        found = np.bincount(side[labels == label], minlength=3) / (labels == label).sum()
        assert abs(found - [0.8, 0.1, 0.1]).max() < 0.015


def test_a_rare_class_of_three_people_is_on_all_three_sides() -> None:
    """It would be lost from the small sides if only its few rows counted."""
    labels = np.zeros(300, np.int64)
    labels[[5, 105, 205]] = 1
    groups = np.array([f"p{i // 10}" for i in range(300)])
    for seed in range(5):
        side = stratified_cut(labels, (0.8, 0.1, 0.1), seed, groups)
        assert sorted(side[labels == 1].tolist()) == [0, 1, 2]


def test_rows_without_a_group_are_each_on_their_own() -> None:
    labels = np.repeat([0, 1], 50)
    groups = np.array(["a"] * 10 + [""] * 90)
    side = stratified_cut(labels, (0.5, 0.5), 0, groups)
    assert len(set(side[:10].tolist())) == 1
    assert np.bincount(side).tolist() == [50, 50]


def test_fewer_groups_than_sides() -> None:
    with pytest.raises(MienError, match="2 groups for 3 sides"):
        stratified_cut(np.zeros(6, np.int64), (0.4, 0.3, 0.3), 0, np.array(["a", "b"] * 3))
