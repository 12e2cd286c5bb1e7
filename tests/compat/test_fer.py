from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.compat.fer import FER, to_fer
from mien.compat.words import WORDS, NotAnalysedError
from mien.faces import Faces
from mien.runtime import analyzer

EXAMPLE = Path(analyzer.__file__).parents[1] / "examples" / "eileen-collins.jpg"


@pytest.fixture(scope="module")
def detector() -> FER:
    return FER(mtcnn=True)


@pytest.fixture(scope="module")
def bgr() -> np.ndarray:
    return np.ascontiguousarray(np.asarray(Image.open(EXAMPLE).convert("RGB"))[:, :, ::-1])


def test_answers_in_fers_shape(detector: FER, bgr: np.ndarray) -> None:
    (face,) = detector.detect_emotions(bgr)
    assert list(face) == ["box", "emotions"]
    assert all(type(side) is int for side in face["box"])
    x, y, width, height = face["box"]
    assert 0 < x < x + width < bgr.shape[1]
    assert 0 < y < y + height < bgr.shape[0]
    assert tuple(face["emotions"]) == WORDS
    assert all(p == round(p, 2) for p in face["emotions"].values())
    assert detector.emotions == [face]
    assert detector.find_faces(bgr) == [face["box"]]
    assert detector.top_emotion(bgr) == ("happy", face["emotions"]["happy"])


def test_a_path_will_do(detector: FER) -> None:
    assert detector.top_emotion(str(EXAMPLE))[0] == "happy"


def test_known_faces_are_not_searched_for(detector: FER, bgr: np.ndarray) -> None:
    (found,) = detector.detect_emotions(bgr)
    (known,) = detector.detect_emotions(bgr, face_rectangles=np.array([found["box"]]))
    assert known["box"] == found["box"]
    assert known["emotions"] == pytest.approx(found["emotions"], abs=0.05)  # the box was rounded
    assert detector.detect_emotions(bgr, face_rectangles=[]) == []


def test_no_face_is_an_empty_list(detector: FER) -> None:
    wall = np.full((80, 80, 3), 120, np.uint8)
    assert detector.detect_emotions(wall) == []
    assert detector.top_emotion(wall) == (None, None)


def test_a_model_of_ones_own_and_faces_too_small(tiny_model: Callable[..., Path], bgr: np.ndarray) -> None:
    assert FER(emotion_model=tiny_model()).top_emotion(bgr)[0] in WORDS
    assert FER(min_face_size=2000).detect_emotions(bgr) == []


@pytest.mark.parametrize("bad", [None, "none.jpg", 3])
def test_what_cannot_be_read_is_a_value_error(detector: FER, bad: object) -> None:
    with pytest.raises(ValueError, match=r"no such file|not a picture"):
        detector.detect_emotions(bad)  # type: ignore[arg-type]


def test_rectangles_turned_inside_out_are_refused(detector: FER, bgr: np.ndarray) -> None:
    with pytest.raises(NotAnalysedError, match="not positive"):
        detector.detect_emotions(bgr, face_rectangles=[[10, 10, 0, 20]])


def test_an_unread_picture_is_no_answer() -> None:
    assert to_fer(Faces("a")) == []
    with pytest.raises(NotAnalysedError, match="a: cut short"):
        to_fer(Faces("a", error="cut short"))
