"""The smallest set of rows, held against every set there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.datasets import combination_cover
from mien.datasets.combination_cover import DRAW, EXACT, GREEDY, cover

WISHES = st.integers(1, 3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    """Up to 10 rows and 3 wishes."""
    w = draw(WISHES)
    rows = draw(st.lists(st.lists(st.booleans(), min_size=w, max_size=w), min_size=1, max_size=10))
    return np.array(rows, np.bool_), draw(st.lists(st.integers(1, 6), min_size=w, max_size=w))


def fewest(fits: np.ndarray, numbers: list[int]) -> tuple[int, int]:
    """Rows of the smallest of all subsets that get what can be had, and how far it goes beyond that at least."""
    need = np.minimum(numbers, fits.sum(axis=0))
    taken = np.array(list(product((0, 1), repeat=len(fits))))
    got = taken @ fits.astype(int)
    enough = (got >= need).all(axis=1)
    size = taken[enough].sum(axis=1)
    return int(size.min()), int((got[enough] - need).sum(axis=1)[size == size.min()].min())


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 5))
def test_no_smaller_set_gives_every_wish_its_number(case: tuple[np.ndarray, list[int]], seed: int) -> None:
    fits, numbers = case
    found = cover(fits, numbers, seed)
    assert len(set(found.rows.tolist())) == len(found.rows)
    assert found.available.tolist() == fits.sum(axis=0).tolist()
    assert found.got.tolist() == fits[found.rows].sum(axis=0).tolist()
    need = np.minimum(numbers, fits.sum(axis=0))
    assert (found.got >= need).all()
    assert (len(found.rows), int((found.got - need).sum())) == fewest(fits, numbers)
    assert found.method == (EXACT if (fits.sum(axis=1) > 1).any() else DRAW)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_greedy_gives_every_wish_its_number_too_and_keeps_nothing_needless(case: tuple[np.ndarray, list[int]]) -> None:
    fits, numbers = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(combination_cover, "LIMIT", 0)
        found = cover(fits, numbers, 0)
    need = np.minimum(numbers, fits.sum(axis=0))
    assert (found.got >= need).all()
    for row in found.rows:
        assert (found.got - fits[row] < need).any()
    assert found.method == (GREEDY if (fits.sum(axis=1) > 1).any() else DRAW)


def test_where_the_search_fails_rows_are_taken_greedily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combination_cover, "_solved", lambda *_: None)
    found = cover(np.array([[1, 1], [1, 0], [0, 1]], np.bool_), [2, 1], 0)
    assert (found.method, found.rows.tolist()) == (GREEDY, [0, 1])


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 5))
def test_shuffled_rows_change_nothing_but_which_are_drawn(case: tuple[np.ndarray, list[int]], seed: int) -> None:
    fits, numbers = case
    order = np.random.default_rng(seed).permutation(len(fits))
    for repeat in (False, True):
        one, other = cover(fits, numbers, 0, repeat=repeat), cover(fits[order], numbers, 1, repeat=repeat)
        assert one.got.tolist() == other.got.tolist()
        assert sorted(map(tuple, fits[one.rows])) == sorted(map(tuple, fits[order][other.rows]))


def test_combinations_that_exclude_each_other_get_their_numbers_exactly() -> None:
    fits = np.eye(5, dtype=np.bool_)[np.random.default_rng(0).integers(0, 5, 5000)][:, :4]  # the fifth kind fits none
    found = cover(fits, [200, 200, 200, 50], 0)
    assert (found.got.tolist(), found.method, len(found.rows)) == ([200, 200, 200, 50], DRAW, 650)
    assert (np.diff(found.rows) > 0).all()
    assert found.rows.tolist() == cover(fits, [200, 200, 200, 50], 0).rows.tolist()
    assert found.rows.tolist() != cover(fits, [200, 200, 200, 50], 1).rows.tolist()


def test_rows_of_a_wish_that_has_too_few_are_all_taken_or_repeated_evenly() -> None:
    fits = np.array([[1, 0]] * 3 + [[0, 1]] * 10 + [[0, 0]], np.bool_)
    found = cover(fits, [8, 4], 0)
    assert (found.got.tolist(), found.most.tolist()) == ([3, 4], [1, 1])
    found = cover(fits, [8, 4], 0, repeat=True)
    assert (found.got.tolist(), found.most.tolist()) == ([8, 4], [3, 1])
    assert sorted(np.bincount(found.rows, minlength=14)[:3].tolist()) == [2, 3, 3]
    assert found.rows.tolist() == sorted(found.rows.tolist())


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 5))
def test_repeats_meet_all_that_has_a_row_and_only_where_there_are_too_few(
    case: tuple[np.ndarray, list[int]], seed: int
) -> None:
    fits, numbers = case
    found = cover(fits, numbers, seed, repeat=True)
    available = fits.sum(axis=0)
    assert (found.got >= np.where(available > 0, numbers, 0)).all()
    times = np.bincount(found.rows, minlength=len(fits))
    short = (available > 0) & (numbers > available)
    assert (times[~fits[:, short].any(axis=1)] <= 1).all()
    for w in np.flatnonzero(short):
        alone = fits[:, w] & (fits[:, short].sum(axis=1) == 1)
        each = numbers[w] // available[w]
        assert set(times[alone].tolist()) <= {each, each + 1}
        assert (times[fits[:, w]] >= each).all()
    if not short.any():
        assert found.rows.tolist() == cover(fits, numbers, seed).rows.tolist()


def test_a_wish_without_a_row_gets_none() -> None:
    fits = np.array([[1, 0], [1, 0]], np.bool_)
    for repeat in (False, True):
        found = cover(fits, [1, 5], 0, repeat=repeat)
        assert (found.got.tolist(), found.available.tolist(), found.most.tolist()) == ([1, 0], [2, 0], [1, 0])
