from __future__ import annotations

from typing import Any

import numpy as np

from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.runtime.face_lines import FEW, affect_lines, brief, emotion_lines, panels, unit_lines, units_named


def face(emotion: bool = False, **said: Any) -> Faces:
    shares = np.full((1, 8), np.nan, np.float32)
    if emotion:
        shares[0, :7] = [0.1, 0, 0, 0.6, 0.3, 0, 0]
    columns = {
        key: {u: [v] for u, v in value.items()} if isinstance(value, dict) else [value] for key, value in said.items()
    }
    return Faces("x", np.array([[0, 0, 9, 9]]), np.ones(1), shares, **columns)  # type: ignore[arg-type]


UNITS = {"AU01": 0.1, "AU06": 0.7, "AU12": 0.9, "AU25": np.nan}


def test_emotions_are_ranked_and_unknown_ones_left_out() -> None:
    lines = emotion_lines(face(emotion=True), 0)
    assert [line.name for line in lines[:3]] == ["happiness", "sadness", "anger"]
    assert lines[0].said == "60 %"
    assert len(lines) == 7
    assert emotion_lines(face(), 0) == []


def test_affect_keeps_its_sign_and_has_no_bar() -> None:
    lines = affect_lines(face(valence=0.314, arousal=-0.5), 0)
    assert [(line.name, line.said, line.share) for line in lines] == [
        ("valence", "+0.31", None),
        ("arousal", "-0.50", None),
    ]
    assert affect_lines(face(valence=np.nan, arousal=np.nan), 0) == []


def test_units_that_are_shown_are_listed_likeliest_first() -> None:
    said = face(action_units=UNITS)
    assert [(line.name, line.said) for line in unit_lines(said, 0)] == [("AU12", "90 %"), ("AU06", "70 %")]
    assert units_named(said, 0) == "AU06 AU12"
    fitted = face(action_units=UNITS, shown={"AU01": True, "AU06": False, "AU12": False, "AU25": False})
    assert [line.name for line in unit_lines(fitted, 0)] == ["AU01"]
    many = face(action_units={f"AU{i:02d}": 0.6 + i / 100 for i in range(1, 9)})
    assert [line.name for line in unit_lines(many, 0)] == ["AU08", "AU07", "AU06", "AU05"][:FEW]


def test_a_face_that_shows_no_unit_is_seen_to_show_none() -> None:
    low = {"AU01": 0.1, "AU02": 0.2, "AU04": 0.3, "AU05": 0.05}
    assert [line.name for line in unit_lines(face(action_units=low), 0)] == ["AU04", "AU02", "AU01"]
    assert unit_lines(face(emotion=True, action_units=low), 0) == []
    assert units_named(face(action_units=low), 0) == ""
    assert brief(face(action_units=low), 0) == "no unit"


def test_intensities_are_named_from_a_on() -> None:
    said = face(intensity={"AU01": 0.9, "AU12": 2.34, "AU04": 5, "AU25": np.nan})
    assert [(line.name, line.said, line.share) for line in unit_lines(said, 0)] == [
        ("AU04", "5.0", 1.0),
        ("AU12", "2.3", np.float32(2.34) / 5),
    ]
    assert units_named(said, 0) == "AU04 5.0, AU12 2.3"
    assert brief(said, 0) == "AU04 AU12"


def test_panels_go_from_everything_to_one_line() -> None:
    full = panels(face(emotion=True, valence=0.1, arousal=0.2, action_units=UNITS), 0)
    assert [len(lines) for lines in full] == [7 + 2 + 2, 7, 3, 1]
    assert full[2] == full[0][:3]
    assert all(line.name in EMOTIONS for line in full[1])
    assert [len(lines) for lines in panels(face(emotion=True), 0)] == [7, 3, 1]
    assert [len(lines) for lines in panels(face(valence=0.1, arousal=0.2), 0)] == [2, 1]
    assert panels(face(), 0) == []


def test_a_dozen_letters_for_a_sheet() -> None:
    assert brief(face(action_units={"AU01": 1, "AU02": 1, "AU05": 1, "AU26": 1}), 0) == "AU01 AU02 +2"
    assert brief(face(valence=0.38, arousal=-0.5), 0) == "v +0.4  a -0.5"
    assert brief(face(), 0) == ""
