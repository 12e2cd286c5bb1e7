from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.faces import Faces
from mien.labels import EMOTIONS

TWO = {"boxes": [[0, 0, 10, 20], [5, 5, 9, 9]], "scores": [1, 0.5], "emotion": np.full((2, 8), 0.125)}


def two(**changes: Any) -> Faces:
    return Faces("party.jpg", **{**TWO, **changes})


def test_nothing_found_is_empty_and_no_success() -> None:
    faces = Faces("wall.jpg")
    assert len(faces) == 0
    assert not faces.success
    assert faces.boxes.shape == (0, 4)
    assert faces.emotion.shape == (0, 8)
    assert faces.top == []
    assert faces.confidence.shape == (0,)


def test_lists_become_arrays_of_the_promised_types() -> None:
    faces = two(valence=[0.1, -0.2], arousal=[0, 1], action_units={"AU12": [0.5, 0.25]}, track=[3, 4])
    assert faces.boxes.dtype == faces.scores.dtype == faces.emotion.dtype == np.float32
    assert faces.track is not None
    assert faces.track.dtype == np.int64
    assert faces.action_units["AU12"].dtype == np.float32
    assert faces.source == ("detected", "detected")
    assert faces.abstain is not None
    assert faces.abstain.tolist() == [False, False]


def test_without_tracking_every_track_is_minus_one() -> None:
    track = two().track
    assert track is not None
    assert track.tolist() == [-1, -1]


def test_the_likeliest_emotion_and_its_probability() -> None:
    emotion = np.zeros((2, 8), np.float32)
    emotion[0, 3] = 0.75
    emotion[:, 7] = np.nan  # a model without contempt
    emotion[1] = np.nan  # a face that was not classified
    faces = two(emotion=emotion)
    assert faces.top == ["happiness", None]
    assert faces.confidence[0] == pytest.approx(0.75)
    assert np.isnan(faces.confidence[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": [1]}, r"scores: shape \(1,\), expected \(2,\)"),
        ({"emotion": np.zeros((2, 7))}, r"emotion: shape \(2, 7\), expected \(2, 8\)"),
        ({"emotion": np.full((2, 8), 1.5)}, r"outside 0\.\.1"),
        ({"emotion": np.full((2, 8), -0.5)}, r"outside 0\.\.1"),
        ({"boxes": [[10, 0, 0, 20], [5, 5, 9, 9]]}, "left <= right"),
        ({"boxes": [[0, 0, np.nan, 20], [5, 5, 9, 9]]}, "finite"),
        ({"landmarks": np.zeros((2, 5, 3))}, r"landmarks: shape \(2, 5, 3\), expected \(2, k, 2\)"),
        ({"landmarks": np.zeros((1, 5, 2))}, "landmarks"),
        ({"action_units": {"AU12": [1]}}, r"AU12: shape \(1,\)"),
        ({"valence": [0.1]}, "valence"),
        ({"track": [1]}, "track"),
        ({"source": ("detected",)}, "source: expected 2"),
        ({"source": ("detected", "guessed")}, "source: expected 2 of detected, tracked, whole"),
        ({"abstain": [True]}, "abstain"),
        ({"conformal": (("anger",),)}, "conformal: 1 sets for 2 faces"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        two(**changes)


def test_rounding_just_over_one_is_let_through() -> None:
    assert two(emotion=np.full((2, 8), 1 + 5e-6)).success


def test_the_table_has_one_row_a_face_and_one_without_success() -> None:
    assert len(list(two().rows())) == 2
    assert len(two().to_dataframe()) == 2
    (row,) = Faces("gone.jpg", error="gone.jpg: no such file").rows()
    assert row["success"] == 0
    assert row["error"] == "gone.jpg: no such file"


def test_units_are_shown_from_one_half_unless_the_model_says_otherwise() -> None:
    faces = two(action_units={"AU12": [0.5, 0.25], "AU01": [np.nan, 1]}, intensity={"AU12": [5, np.nan]})
    assert {unit: list(there) for unit, there in faces.shown.items()} == {"AU12": [True, False], "AU01": [False, True]}
    told = two(action_units={"AU12": [0.5, 0.25]}, shown={"AU12": [0, 1]})
    assert told.shown["AU12"].tolist() == [False, True]
    for odd in ({"action_units": {"AU12": [1.2, 0]}}, {"intensity": {"AU12": [5.5, 0]}}):
        with pytest.raises(ValueError, match=r"AU12: outside 0\.\."):
            two(**odd)


def test_faces_are_told_in_the_words_of_deepface_and_fer() -> None:
    emotion = np.zeros((2, 8))
    emotion[:, EMOTIONS.index("happiness")] = 1
    faces = two(emotion=emotion)
    assert [said["dominant_emotion"] for said in faces.to_deepface()] == ["happy", "happy"]
    assert [said["face_confidence"] for said in faces.to_deepface()] == [1, 0.5]
    assert faces.to_fer()[1]["box"] == [5, 5, 4, 4]
    assert faces.to_fer()[0]["emotions"]["happy"] == 1
    assert Faces("wall.jpg").to_deepface() == Faces("wall.jpg").to_fer() == []
