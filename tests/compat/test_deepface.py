from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.compat import deepface as DeepFace
from mien.compat.words import WORDS, FaceNotDetected, NotAnalysedError
from mien.faces import Faces
from mien.runtime.analyzer import Analyzer

EXAMPLE = Path(DeepFace.__file__).parents[1] / "examples" / "eileen-collins.jpg"


def test_answers_in_deepfaces_shape() -> None:
    (face,) = DeepFace.analyze(str(EXAMPLE), actions=["emotion"], detector_backend="retinaface", silent=True)
    assert isinstance(face, dict)
    assert list(face) == ["emotion", "dominant_emotion", "region", "face_confidence"]
    assert tuple(face["emotion"]) == WORDS
    assert sum(face["emotion"].values()) == pytest.approx(100)
    assert face["dominant_emotion"] == max(face["emotion"], key=face["emotion"].get)
    region = face["region"]
    assert list(region) == ["x", "y", "w", "h", "left_eye", "right_eye"]
    assert all(type(region[key]) is int for key in "xywh")
    # the person's own left eye lies on the right of the picture
    assert region["x"] < region["right_eye"][0] < region["left_eye"][0] < region["x"] + region["w"]
    assert 0.5 < face["face_confidence"] <= 1


def test_says_what_the_analyzer_says() -> None:
    faces = Analyzer()(EXAMPLE)
    assert DeepFace.to_deepface(faces) == DeepFace.analyze(EXAMPLE)
    assert faces.top == ["happiness"]
    assert DeepFace.to_deepface(faces)[0]["dominant_emotion"] == "happy"


def test_every_kind_of_picture_gives_the_same() -> None:
    data = EXAMPLE.read_bytes()
    png = io.BytesIO()
    rgb = np.asarray(Image.open(EXAMPLE).convert("RGB"))
    Image.fromarray(rgb).save(png, "PNG")
    text = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    png.seek(0)
    expected = DeepFace.analyze(png)
    assert DeepFace.analyze(text) == expected
    assert DeepFace.analyze(rgb[:, :, ::-1]) == expected  # BGR
    assert DeepFace.analyze(io.BytesIO(data)) == DeepFace.analyze(str(EXAMPLE))


def test_several_pictures_have_several_answers(portrait: NDArray[np.uint8]) -> None:
    one = DeepFace.analyze(portrait)
    assert DeepFace.analyze([portrait, portrait]) == [one, one]
    assert DeepFace.analyze(np.stack([portrait, portrait])) == [one, one]


def test_no_face_is_a_value_error_or_the_whole_picture(tiny_model: Callable[..., Path], tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Image.fromarray(np.full((60, 90, 3), 255, np.uint8)).save(path)
    with pytest.raises(ValueError, match=r"Face could not be detected in .*wall\.png.*enforce_detection"):
        DeepFace.analyze(str(path))
    with pytest.raises(FaceNotDetected, match="in numpy array"):
        DeepFace.analyze(np.zeros((60, 90, 3), np.uint8))
    model = tiny_model()
    (face,) = DeepFace.analyze(path, enforce_detection=False, model=model)
    assert isinstance(face, dict)
    assert face["region"] == {"x": 0, "y": 0, "w": 90, "h": 60, "left_eye": None, "right_eye": None}
    assert face["face_confidence"] == 0
    assert DeepFace.analyze(path, detector_backend="skip", model=model) == [face]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"actions": ("emotion", "age")}, 'action "age": mien reads expressions and nothing else'),
        ({"actions": "race"}, 'action "race"'),
        ({"actions": ["mood"]}, "action 'mood': unknown"),
        ({"actions": []}, "must be a list"),
        ({"detector_backend": "haar"}, "detector_backend 'haar': unknown; one of auto"),
        ({"expand_percentage": 10}, "leave it 0"),
        ({"anti_spoofing": True}, "leave it False"),
    ],
)
def test_what_it_cannot_do_is_refused_with_the_reason(
    portrait: NDArray[np.uint8], arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        DeepFace.analyze(portrait, **arguments)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ("none.jpg", "no such file"),
        ("https://example.org/a.jpg", "nothing is fetched"),
        ("data:image/png;base64,%%%", "broken"),
        (7, "int: not a picture"),
    ],
)
def test_what_cannot_be_read_is_a_value_error(picture: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        DeepFace.analyze(picture)


def test_regions_end_with_the_picture() -> None:
    faces = Faces("a", [[-8.4, 3.6, 70, 99]], [0.876], np.full((1, 8), 0.125), size=(50, 60))
    (face,) = DeepFace.to_deepface(faces)
    assert face["region"] == {"x": 0, "y": 4, "w": 60, "h": 46, "left_eye": None, "right_eye": None}
    assert face["face_confidence"] == 0.88


def test_an_unread_picture_is_no_answer() -> None:
    assert DeepFace.to_deepface(Faces("a")) == []
    with pytest.raises(NotAnalysedError, match="a: cut short"):
        DeepFace.to_deepface(Faces("a", error="cut short"))
