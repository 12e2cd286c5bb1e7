from __future__ import annotations

import json

import numpy as np

from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.web.answers import faces_told


def test_what_a_model_lacks_is_null() -> None:
    emotion = np.full((2, 8), np.nan, np.float32)
    emotion[0, :7] = 1 / 7
    emotion[0, 3] = 1 / 7 + 1e-3
    faces = Faces(
        "x",
        boxes=np.array([[1, 2, 30.126, 40], [0, 0, 5, 5]], np.float32),
        scores=np.array([0.9, 1], np.float32),
        emotion=emotion,
        valence=np.array([0.25, np.nan], np.float32),
        arousal=np.array([-0.5, np.nan], np.float32),
        abstain=np.array([True, False]),
        conformal=(("happiness", "neutral"), ()),
        action_units={"AU12": np.array([0.5, np.nan], np.float32)},
    )
    first, second = faces_told(faces)
    assert first["box"] == [1, 2, 30.13, 40]
    assert (first["top"], first["abstain"], first["set"]) == ("happiness", True, ["happiness", "neutral"])
    assert first["emotion"]["contempt"] is None
    assert list(first["emotion"]) == list(EMOTIONS)
    assert (first["valence"], first["arousal"], first["action_units"]) == (0.25, -0.5, {"AU12": 0.5})
    assert (second["top"], second["confidence"], second["valence"]) == (None, None, None)
    json.dumps([first, second], allow_nan=False)


def test_no_faces_are_an_empty_list() -> None:
    assert faces_told(Faces("x")) == []
