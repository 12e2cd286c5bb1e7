from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.votes import distribution, from_ferplus_columns, majority
from mien.labels import EMOTIONS, FERPLUS_COLUMNS, VOTE_COLUMNS


def votes(**counts: int) -> NDArray[np.int16]:
    return np.array([[counts.get(name, 0) for name in VOTE_COLUMNS]], np.int16)


def test_columns_move_with_their_names() -> None:
    theirs = np.arange(10)[None]  # the position in their file stands for the vote
    ours = from_ferplus_columns(theirs)[0]
    assert [FERPLUS_COLUMNS[i] for i in ours] == list(VOTE_COLUMNS)
    assert ours.dtype == np.int16


@pytest.mark.parametrize(
    ("given_votes", "expected"),
    [
        (votes(happiness=10), "happiness"),
        (votes(happiness=6, neutral=4), "happiness"),
        (votes(happiness=5, neutral=5), None),  # half is not more than half
        (votes(happiness=5, neutral=2, fear=1, sadness=1, anger=1), "happiness"),  # votes of one are dropped
        (votes(happiness=4, neutral=3, fear=3), None),
        (votes(unknown=8, anger=2), None),
        (votes(not_a_face=10), None),
        (votes(anger=1, fear=1), None),
        (votes(contempt=7, neutral=3), "contempt"),
        (votes(), None),
    ],
)
def test_microsofts_majority(given_votes: NDArray[np.int16], expected: str | None) -> None:
    (index,) = majority(given_votes)
    assert (EMOTIONS[index] if index >= 0 else None) == expected


def test_shares_leave_out_single_votes_and_what_is_no_emotion() -> None:
    (shares,) = distribution(votes(happiness=6, neutral=2, fear=1, unknown=1))
    assert shares[EMOTIONS.index("happiness")] == pytest.approx(0.75)
    assert shares[EMOTIONS.index("neutral")] == pytest.approx(0.25)
    assert shares.sum() == pytest.approx(1)


def test_a_face_that_most_could_not_name_has_no_shares() -> None:
    assert np.isnan(distribution(votes(unknown=6, anger=4))).all()
    assert np.isnan(distribution(votes(unknown=5, anger=5))).all()
    assert np.isnan(distribution(votes())).all()


def test_a_majority_is_the_largest_share() -> None:
    counted = np.random.default_rng(0).multinomial(10, np.full(10, 0.1), size=2000) ** 2
    index, shares = majority(counted), distribution(counted)
    won = index >= 0
    assert won.sum() > 100
    assert (shares[won].argmax(axis=1) == index[won]).all()
    known = ~np.isnan(shares).any(axis=1)
    assert np.allclose(shares[known].sum(axis=1), 1)
