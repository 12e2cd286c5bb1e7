from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.classes import classes_of
from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN


def faces() -> FaceSet:
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 1, -1])
    soft = one_hot(labels, SEVEN)
    soft[0] = [0.5, 0.3, 0.2, 0, 0, 0, 0, np.nan]
    return FaceSet("drawn", np.zeros((9, 4, 4), np.uint8), targets={"own": soft})


def test_all_of_a_schemes_emotions_by_default() -> None:
    found = classes_of(faces(), "own")
    assert found.names == EMOTIONS[:7]
    assert found.hard.tolist() == [0, 1, 2, 3, 4, 5, 6, 1, -1]
    assert np.isnan(found.soft[8]).all()
    assert not found.merged


def test_a_dropped_emotion_shrinks_the_head_and_leaves_labels_contiguous() -> None:
    found = classes_of(faces(), "own", ["disgust"])
    assert found.names == ("anger", "fear", "happiness", "sadness", "surprise", "neutral")
    assert found.hard.tolist() == [0, -1, 1, 2, 3, 4, 5, -1, -1]
    np.testing.assert_allclose(found.soft[0], [0.5 / 0.7, 0.2 / 0.7, 0, 0, 0, 0], atol=1e-6)
    assert np.isnan(found.soft[[1, 7, 8]]).all()


def test_merged_classes_add_up() -> None:
    rest = [e for e in SEVEN if e != "happiness"]
    found = classes_of(faces(), "own", merge={"rest": rest})
    assert found.names == ("rest", "happiness")
    assert found.members[1] == ("happiness",)
    assert found.merged
    assert found.hard.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, -1]
    np.testing.assert_allclose(found.soft[0], [1, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("drop", "merge", "message"),
    [
        ([], {"a": ["anger"], "b": ["anger"]}, "anger stands in a and in b"),
        ([], {"a": "anger"}, "expected a list"),
        (list(SEVEN[1:]), {}, "leave anger; keep two"),
        ([], {"happiness": ["anger", "fear"]}, "name of an emotion that is not in it"),
        (["joyfulness?"], {}, "joyfulness"),
    ],
)
def test_what_cannot_be_meant(drop: list[str], merge: dict[str, list[str]], message: str) -> None:
    with pytest.raises(MienError, match=message.replace("?", r"\?")):
        classes_of(faces(), "own", drop, merge)


def test_labels_that_are_not_there() -> None:
    with pytest.raises(MienError, match="no labels 'ferplus'; it has own"):
        classes_of(faces(), "ferplus")
