from __future__ import annotations

import numpy as np
import pytest

from mien.ensemble.branches import dissent, mean, votes


def certain(*classes: int, k: int = 4) -> np.ndarray:
    """(b, 1, k): each branch sure of its class."""
    return np.eye(k, dtype=np.float32)[list(classes)][:, None]


def test_votes_are_counted_and_a_tie_goes_to_the_lowest_class() -> None:
    counts = votes(certain(3, 1, 3, 1, 0))
    assert counts.tolist() == [[1, 2, 0, 2]]
    assert counts.argmax(axis=1).tolist() == [1]


def test_votes_may_differ_from_the_mean() -> None:
    p = np.float32([[[0.9, 0.1]], [[0.45, 0.55]], [[0.45, 0.55]]])
    assert votes(p).argmax(axis=1).tolist() == [1]
    assert mean(p).argmax(axis=1).tolist() == [0]
    assert mean(p)[0] == pytest.approx([0.6, 0.4], abs=1e-6)


def test_nobody_dissents_where_all_say_the_same() -> None:
    assert dissent(certain(2, 2, 2)).tolist() == [0]


def test_dissent_is_a_share_of_branches() -> None:
    assert dissent(certain(1, 1, 1, 2)) == pytest.approx([0.25])
