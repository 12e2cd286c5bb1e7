"""Rows as faces to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.runtime.video.drawn_faces import faces_of_rows, with_ids

ROW = {
    "input": "v.mp4", "track": 2, "success": 1, "FaceRectX": 3.5, "FaceRectY": 4, "FaceRectWidth": 10,
    "FaceRectHeight": 20, "FaceScore": 0.75, "happiness": 0.6, "fear": 0.4, "abstain": 1,
}  # fmt: skip


def test_rows_of_numbers_and_of_text_are_the_same_faces() -> None:
    for given in (ROW, {name: str(value) for name, value in ROW.items()}):
        faces = faces_of_rows([given, {"input": "v.mp4", "success": 0, "FaceRectX": ""}])
        assert faces.boxes.tolist() == [[3.5, 4, 13.5, 24]]
        assert faces.track.tolist() == [2]
        assert faces.abstain.tolist() == [True]
        assert faces.top == ["happiness"]
        assert np.isnan(faces.emotion[0][EMOTIONS.index("contempt")])


def test_no_track_and_no_face() -> None:
    assert len(faces_of_rows([{"input": "v.mp4", "success": 0}])) == 0
    faces = faces_of_rows([ROW | {"track": pd.NA}])
    assert faces.track.tolist() == [-1]
    image = np.full((60, 60, 3), 200, np.uint8)
    assert np.array_equal(with_ids(image, faces), image)


def test_an_id_stands_in_its_box() -> None:
    image = np.full((200, 200, 3), 200, np.uint8)
    faces = Faces("", np.array([[50, 60, 150, 180]]), np.ones(1), np.full((1, 8), 0.125), track=np.array([12]))
    drawn = with_ids(image, faces)
    rows, columns = np.nonzero((drawn != image).any(axis=2))
    assert rows.min() >= 60
    assert columns.min() >= 50
    assert rows.max() < 90
    assert columns.max() < 90
