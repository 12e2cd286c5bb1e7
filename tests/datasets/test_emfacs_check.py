"""Labelled emotions against the units that they should show."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.emfacs import derive
from mien.datasets.emfacs_check import check
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.labels import EMOTIONS

NAN = np.nan


def faces() -> FaceSet:
    labels = ["happiness"] * 5 + ["sadness", "neutral", "neutral", ""]
    codes = [
        (0, 0, 1, 1, 0), (0, 0, 1, 1, 0), (0, 0, 0, 1, 0), (0, 0, NAN, 1, 0), (1, 1, 0, NAN, 1),
        (0, 0, 1, 1, 0), (0, 0, 0, 0, 0), (1, 1, 0, 0, 1), (0, 0, 1, 1, 0),
    ]  # fmt: skip
    index = np.array([EMOTIONS.index(word) if word else -1 for word in labels])
    return FaceSet(
        "few",
        np.zeros((9, 2, 2), np.uint8),
        targets={"own": one_hot(index, EMOTIONS), "action_units": np.array(codes, np.float32)},
        action_units=("AU01", "AU04", "AU06", "AU12", "AU15"),
    )


def test_units_are_counted_where_they_are_known() -> None:
    found = check(faces(), "own")
    happy, sad, neutral = found.by_emotion
    assert (happy.emotion, happy.n) == ("happiness", 5)
    assert happy.units == {"AU06": (2, 4), "AU12": (4, 4)}
    assert (happy.whole, happy.ruled_out, happy.contradicting) == (2, 2, 1)
    assert (sad.units["AU01"], sad.whole, sad.ruled_out, sad.contradicting) == ((0, 1), 0, 1, 1)
    assert (neutral.units, neutral.whole, neutral.ruled_out, neutral.contradicting) == ({}, 0, 0, 1)
    assert found.contradicting.tolist() == [4, 5, 7]


def test_the_table_holds_every_labelled_face_once() -> None:
    found = check(faces(), "own")
    assert found.table.sum() == 8
    happy, sad = EMOTIONS.index("happiness"), EMOTIONS.index("sadness")
    assert found.table[happy].tolist() == [0, 0, 0, 2, 1, 0, 0, 0, 2]
    told = found.to_dict()
    assert told["labelled_and_derived"]["sadness"]["happiness"] == found.table[sad, happy] == 1
    assert told["emotions"]["happiness"]["units"]["AU06"] == {"shown": 2, "known": 4, "share": 50.0}
    assert told["emotions"]["happiness"]["share"] == 50.0
    assert told["emotions"]["neutral"]["share"] is None
    assert told["contradicting"] == [4, 5, 7]


def test_on_drawn_faces_it_says_what_derive_says() -> None:
    drawn = synthetic(300, seed=1, size=16)
    found = check(drawn, "synthetic")
    given, derived = drawn.hard("synthetic"), derive(drawn)
    assert found.contradicting.tolist() == np.flatnonzero((derived >= 0) & (derived != given)).tolist()
    shown = drawn.targets["action_units"][:, drawn.action_units.index("AU12")] >= 0.2
    happy = next(one for one in found.by_emotion if one.emotion == "happiness")
    assert happy.units["AU12"] == (int(shown[given == 3].sum()), int((given == 3).sum()))


def test_labels_that_are_not_there() -> None:
    with pytest.raises(MienError, match="few: no labels 'ferplus'; it has own"):
        check(faces(), "ferplus")
