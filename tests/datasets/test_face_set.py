from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.datasets.face_set import UNLABELLED, FaceSet, one_hot
from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN, VOTE_COLUMNS

N = 4
INDEX = np.array([0, 3, -1, 6])


def faces(**changes: Any) -> FaceSet:
    facts = {
        "pixels": np.arange(N * 4, dtype=np.uint8).reshape(N, 2, 2),
        "targets": {"fer2013": one_hot(INDEX, SEVEN)},
        "split": np.array(["Training", "Training", "PublicTest", "PrivateTest"]),
    }
    return FaceSet("four", **{**facts, **changes})


def test_what_is_not_given_has_a_value_for_each_row() -> None:
    given = faces()
    assert len(given) == N
    assert given.weight.tolist() == [1] * N
    assert given.row.tolist() == [0, 1, 2, 3]
    assert given.made_from.tolist() == [-1] * N
    assert set(given.subject) == set(given.group) == set(given.file) == {""}


def test_paths_stand_for_pixels() -> None:
    given = FaceSet("two", paths=np.array(["a.png", "b.png"]))
    assert len(given) == 2
    assert given.select(np.array([1])).paths == np.array(["b.png"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pixels": None}, "either pixels or paths"),
        ({"paths": np.array(["a.png"] * N)}, "either pixels or paths"),
        ({"pixels": np.zeros((N, 2, 2))}, r"pixels: float64 \(4, 2, 2\), expected uint8"),
        ({"pixels": np.zeros((N, 4), np.uint8)}, "pixels: uint8"),
        ({"weight": np.ones(3)}, "weight: 3 rows for 4 faces"),
        ({"split": np.array(["a"])}, "split: 1 rows"),
        ({"box": np.zeros((2, 4))}, "box: 2 rows"),
        ({"targets": {"fer2013": np.zeros((3, 8))}}, r"targets\['fer2013'\]: 3 rows"),
        ({"votes": np.zeros((N, 8), np.int16)}, r"votes: shape \(4, 8\), expected \(4, 10\)"),
    ],
)
def test_lengths_that_disagree_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        faces(**changes)


def test_one_hot_marks_absent_rows_and_absent_emotions() -> None:
    target = one_hot(INDEX, SEVEN)
    assert target.shape == (N, 8)
    assert np.isnan(target[2]).all()
    assert np.isnan(target[:, EMOTIONS.index("contempt")]).all()
    assert target[1, :7].tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_hard_labels_come_back_from_one_hot() -> None:
    assert faces().hard("fer2013").tolist() == INDEX.tolist()
    assert UNLABELLED == -1


def test_hard_ferplus_labels_follow_the_majority_rule_not_the_largest_share() -> None:
    votes = np.zeros((N, len(VOTE_COLUMNS)), np.int16)
    votes[0, [0, 6]] = 6, 4  # a majority
    votes[1, [0, 6]] = 5, 5  # a tie
    votes[2, [0, 2, 6]] = 4, 3, 3  # the largest share, no majority
    given = faces(votes=votes, targets={"ferplus": np.full((N, 8), 0.125, np.float32)})
    assert given.hard("ferplus").tolist() == [0, -1, -1, -1]


def test_only_emotions_have_hard_labels() -> None:
    given = faces(targets={"valence": np.zeros(N, np.float32), "fer2013": one_hot(INDEX, SEVEN)})
    assert given.emotion_schemes == ("fer2013",)
    with pytest.raises(KeyError):
        given.hard("valence")
    with pytest.raises(KeyError):
        given.hard("rafdb")


def test_rows_are_selected_together() -> None:
    given = faces(subject=np.array(["a", "b", "c", "d"]))
    by_mask = given.select(np.array([True, False, False, True]))
    by_position = given.select(np.array([3, 0]))
    assert by_mask.subject.tolist() == ["a", "d"]
    assert by_position.subject.tolist() == ["d", "a"]
    assert by_position.row.tolist() == [3, 0]  # where they stood stays known
    assert by_position.hard("fer2013").tolist() == [6, 0]
    assert by_position.pixels is not None
    assert by_position.pixels[0, 0, 0] == 12


def test_splits_by_name() -> None:
    assert len(faces().in_split("Training")) == 2
    assert len(faces().in_split("PublicTest", "PrivateTest")) == 2
    with pytest.raises(MienError, match="four: no split 'test'; it has PrivateTest, PublicTest, Training"):
        faces().in_split("test")


def test_the_digest_follows_what_is_learnt_from() -> None:
    assert faces().digest() == faces().digest()
    assert faces(weight=np.full(N, 2, np.float32)).digest() == faces().digest()
    others = [
        faces(pixels=np.zeros((N, 2, 2), np.uint8)),
        faces(targets={"fer2013": one_hot(INDEX[::-1], SEVEN)}),
        faces(targets={"rafdb": one_hot(INDEX, SEVEN)}),
        faces(split=np.array(["Training"] * N)),
        faces(votes=np.zeros((N, 10), np.int16)),
    ]
    assert len({faces().digest(), *(other.digest() for other in others)}) == 6
