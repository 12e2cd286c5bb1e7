"""Classes of one size, none of them lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.datasets.even_out import SIZES, even_out
from mien.errors import MienError

NAMES = ("a", "b", "c")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-1, 2), max_size=60).map(lambda x: np.array([*x, 0, 1, 2], np.int64)),
    st.sampled_from([*SIZES, "1", "17"]),
    st.integers(0, 100),
)
def test_every_class_gets_the_same_number(labels: np.ndarray, to: str, seed: int) -> None:
    rows = even_out(labels, NAMES, to, seed)
    counts = np.bincount(labels[labels >= 0])
    wanted = {"min": counts.min(), "max": counts.max(), "median": round(float(np.median(counts)))}.get(to) or int(to)
    for label in range(3):
        named = rows[labels[rows] == label]
        assert len(named) == wanted
        times = np.bincount(named, minlength=len(labels))[labels == label]
        assert np.ptp(times) <= 1  # no row is drawn much more often than another
    assert (np.flatnonzero(labels == -1) == rows[labels[rows] == -1]).all()
    assert (np.diff(rows) >= 0).all()
    assert (rows == even_out(labels, NAMES, to, seed)).all()


def test_the_seed_decides_which_rows() -> None:
    labels = np.repeat([0, 1], [50, 5])
    assert even_out(labels, ("a", "b"), "min", 0).tolist() != even_out(labels, ("a", "b"), "min", 1).tolist()


def test_a_class_of_one_row_is_repeated() -> None:
    assert even_out(np.array([0, 0, 0, 1]), ("a", "b"), "max", 0).tolist() == [0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize(
    ("labels", "to", "what"),
    [
        ([0, 1], "max", "no rows of c, which"),
        ([0, 1, 2], "0", "give min, median, max"),
        ([0, 1, 2], "x", "rows a class"),
    ],
)
def test_what_cannot_be(labels: list[int], to: str, what: str) -> None:
    with pytest.raises(MienError, match=what):
        even_out(np.array(labels), NAMES, to, 0)
