from __future__ import annotations

import numpy as np

from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.table import COLUMNS, columns, columns_of, kind, rows, to_dataframe


def found(**changes: object) -> Faces:
    emotion = np.full((2, 8), np.nan, np.float32)
    emotion[0, :7] = [0.1, 0, 0, 0.9, 0, 0, 0]
    return Faces("a.jpg", np.array([[1, 2, 11, 22], [0, 0, 5, 5]]), np.array([0.9, 0.8]), emotion, **changes)  # type: ignore[arg-type]


def test_columns_are_those_of_the_interface() -> None:
    assert ",".join(COLUMNS) == (
        "input,frame,time,face,track,success,source,FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,"
        "anger,disgust,fear,happiness,sadness,surprise,neutral,contempt,emotion,confidence,abstain,set,error"
    )
    assert columns(affect=True, action_units=("AU01", "AU12"))[-5:] == ("valence", "arousal", "AU01", "AU12", "error")


def test_one_row_a_face() -> None:
    first, second = rows(found())
    assert tuple(first) == COLUMNS
    assert first["FaceRectWidth"] == 10
    assert first["FaceRectHeight"] == 20
    assert first["emotion"] == "happiness"
    assert first["contempt"] is None
    assert first["abstain"] == 0
    assert first["set"] is first["track"] is first["frame"] is first["error"] is None
    assert (second["face"], second["emotion"], second["confidence"]) == (1, None, None)


def test_sets_tracks_units_and_affect() -> None:
    faces = found(
        conformal=(("happiness", "anger"), ("fear",)), track=np.array([4, -1]), frame=3, time=0.1,
        source=("tracked", "whole"),
        valence=np.array([0.5, -0.5]), arousal=np.array([0, 1]), action_units={"AU12": np.array([0.2, 0.3])},
    )  # fmt: skip
    row = next(rows(faces))
    assert tuple(row) == columns(affect=True, action_units=("AU12",)) == columns_of([faces])
    assert row["set"] == "happiness|anger"
    assert (row["track"], row["frame"], row["source"], row["valence"]) == (4, 3, "tracked", 0.5)


def test_a_picture_without_faces_keeps_one_row() -> None:
    (row,) = rows(Faces("b.jpg", error="the file is empty"))
    assert tuple(row) == COLUMNS
    assert (row["input"], row["success"], row["error"]) == ("b.jpg", 0, "the file is empty")
    assert row["face"] is None


def test_dataframe_has_typed_columns() -> None:
    frame = to_dataframe([found(), Faces("b.jpg")])
    assert list(frame.columns) == list(COLUMNS)
    assert frame["success"].tolist() == [1, 1, 0]
    assert str(frame["face"].dtype) == "Int64"
    assert frame["contempt"].isna().all()
    assert frame[list(EMOTIONS)].dtypes.eq("float64").all()
    assert found().to_dataframe().shape == (2, len(COLUMNS))
    assert to_dataframe([]).shape == (0, len(COLUMNS))
    assert kind("FaceRectX") is float


def test_intensities_stand_beside_probabilities_or_take_their_place() -> None:
    strong = {"AU12": np.array([2.5, np.nan]), "AU04": np.array([0, 1])}
    alone = found(intensity=strong)
    first, second = rows(alone)
    assert tuple(first) == columns(intensity=("AU04", "AU12")) == columns_of([alone])
    assert (first["AU12"], second["AU12"], second["AU04"]) == (2.5, None, 1)
    both = found(intensity=strong, action_units={"AU12": np.array([0.9, 0.1])})
    row = next(rows(both))
    assert tuple(row) == columns_of([both])
    assert tuple(row)[-4:] == ("AU12", "AU04_intensity", "AU12_intensity", "error")
    assert (row["AU12"], row["AU12_intensity"]) == (np.float32(0.9), 2.5)


def test_a_model_without_emotions_leaves_their_columns_empty() -> None:
    faces = Faces(
        "a", np.array([[1, 2, 11, 22]]), np.ones(1), np.full((1, 8), np.nan), valence=np.array([0.5]),
        arousal=np.array([np.nan]),
    )  # fmt: skip
    (row,) = rows(faces)
    assert [row[name] for name in (*EMOTIONS, "emotion", "confidence", "set")] == [None] * 11
    assert (row["abstain"], row["valence"], row["arousal"]) == (0, 0.5, None)
