"""Top-k accuracy against scikit-learn, and its ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, top_k_accuracy_score

from mien.score.accuracy import hits, top_k


def test_top_1_is_sklearns_accuracy(drawn) -> None:
    targets, probabilities = drawn
    expected = 100 * accuracy_score(targets, probabilities.argmax(axis=1))
    assert top_k(targets, probabilities) == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_top_k_is_sklearns(drawn, k: int) -> None:
    targets, probabilities = drawn
    probabilities = probabilities + 1e-9 * np.arange(7)  # the two break ties differently
    expected = top_k_accuracy_score(targets, probabilities, k=k, labels=np.arange(7))
    assert top_k(targets, probabilities, k) == pytest.approx(100 * expected, rel=0, abs=1e-9)


@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=20), st.integers(0, 3))
def test_a_tie_goes_to_the_lower_class_and_k_of_all_is_all(rows: list[list[int]], label: int) -> None:
    scores = np.array(rows, float)
    targets = np.full(len(scores), label)
    assert (hits(targets, scores) == (scores.argmax(axis=1) == label)).all()
    assert top_k(targets, scores, 4) == 100
    counts = [hits(targets, scores, k).sum() for k in (1, 2, 3, 4)]
    assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("targets", "scores", "k"),
    [
        ([0, 3], np.ones((2, 3)), 1),
        ([-1, 0], np.ones((2, 3)), 1),
        ([0], np.ones((2, 3)), 1),
        ([], np.ones((0, 3)), 1),
        ([0.5, 1], np.ones((2, 3)), 1),
        ([0, 1], np.full((2, 3), np.nan), 1),
        ([0, 1], np.ones((2, 3)), 0),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, scores, k: int) -> None:
    with pytest.raises(ValueError):
        hits(np.array(targets), scores, k)
