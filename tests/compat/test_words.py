from __future__ import annotations

import numpy as np
import pytest

from mien.compat.words import FaceNotDetected, NotAnalysedError, likeliest, of_seven, rgb_of
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index


def test_contempts_part_is_shared_out_in_proportion() -> None:
    emotion = np.zeros(8, np.float32)
    emotion[emotion_index("happiness")], emotion[emotion_index("sadness")] = 0.3, 0.1
    emotion[emotion_index("contempt")] = 0.6
    said = of_seven(emotion)
    assert said["happy"] == pytest.approx(0.75)
    assert said["sad"] == pytest.approx(0.25)
    assert sum(said.values()) == pytest.approx(1)


def test_a_model_of_seven_keeps_its_probabilities() -> None:
    emotion = np.array([*np.arange(1, 8) / 28, np.nan], np.float32)
    assert list(of_seven(emotion).values()) == pytest.approx(list(np.arange(1, 8) / 28))
    assert [emotion_index(word) for word in of_seven(emotion)] == list(range(7))


def test_all_contempt_is_none_of_the_seven() -> None:
    emotion = np.zeros(8, np.float32)
    emotion[EMOTIONS.index("contempt")] = 1
    assert set(of_seven(emotion).values()) == {0.0}


def test_a_face_that_was_not_classified_has_no_words() -> None:
    with pytest.raises(NotAnalysedError, match="without emotions"):
        of_seven(np.full(8, np.nan, np.float32))


def test_errors_are_caught_by_both_houses() -> None:
    assert issubclass(FaceNotDetected, ValueError)
    assert issubclass(FaceNotDetected, MienError)


def test_the_first_of_equals_is_likeliest() -> None:
    assert likeliest({"angry": 0.4, "sad": 0.5, "happy": 0.5}) == "sad"


def test_opencvs_arrays_become_rgb() -> None:
    blue = np.zeros((2, 3, 3), np.uint8)
    blue[..., 0] = 200
    assert rgb_of(blue)[0, 0].tolist() == [0, 0, 200]
    assert rgb_of(np.full((2, 3), 7, np.uint8)).shape == (2, 3, 3)


@pytest.mark.parametrize(
    "bad", [None, "a.jpg", np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 3)), np.zeros(0, np.uint8)]
)
def test_what_is_no_picture_is_refused(bad: object) -> None:
    with pytest.raises(NotAnalysedError, match="not a picture"):
        rgb_of(bad)
