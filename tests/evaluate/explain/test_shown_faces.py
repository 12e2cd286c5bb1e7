from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
import pytest
from PIL import Image
from tests.evaluate.explain.unit_model import half_faces

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.explain.explain import Explanation
from mien.evaluate.explain.shown_faces import faces_in, faces_of, sheet_rows
from mien.model_spec import Head, ModelSpec
from mien.runtime.heat_drawing import SIDE
from mien.runtime.inputs import Picture

SPEC = ModelSpec("m", "a", (Head("emotion", "emotion", ("anger", "happiness"), "x"),), 32, 32)


def picture(path: Path, pixels: np.ndarray) -> Picture:
    Image.fromarray(pixels).save(path)
    return Picture(path, PurePath(path.name))


def test_faces_are_cut_for_the_model_and_for_the_eye(draw_face, tmp_path: Path) -> None:
    two = draw_face(300, 600, 450, 150, 160, on=draw_face(300, 600, 150, 150, 160))
    (tmp_path / "no.jpg").write_bytes(b"no picture")
    pictures = [
        picture(tmp_path / "two.png", two),
        Picture(tmp_path / "no.jpg", PurePath("no.jpg")),
        picture(tmp_path / "wall.png", np.full((200, 200, 3), 90, np.uint8)),
    ]
    shown = faces_in(pictures, SPEC)
    assert shown.crops.shape == (2, 32, 32, 1)
    assert shown.shown.shape == (2, SIDE, SIDE, 3)
    assert shown.names == ("two-0", "two-1")
    assert shown.facts[1]["box"][0] > 300
    assert len(shown.unreadable) == 1
    assert "no.jpg" in shown.unreadable[0]
    assert shown.empty == (str(tmp_path / "wall.png"),)
    with pytest.raises(MienError, match=r"no face found; .*--detector none"):
        faces_in(pictures[2:], SPEC)
    assert len(faces_in(pictures[2:], SPEC, "none")) == 1


def test_names_stay_apart(tmp_path: Path) -> None:
    wall = np.full((40, 40, 3), 90, np.uint8)
    pictures = [picture(tmp_path / name, wall) for name in ("x.png", "x.bmp", "X.webp")]
    assert len({name.lower() for name in faces_in(pictures, SPEC, "none").names}) == 3


def test_rows_have_their_labels_and_captions_their_values() -> None:
    faces = synthetic(n=6, seed=2)
    shown = faces_of(faces.select(np.array([1, 4])), SPEC, "synthetic")
    assert shown.names == ("row1-0", "row4-0")
    said = Explanation(
        "cam", "", "emotion", np.ones((2, 4, 4), np.float32), ("anger", "happiness"), np.array([0.5, 0.25])
    )
    rows = sheet_rows(shown, [said])
    assert rows[0].words == f"label {shown.facts[0]['label']}"
    assert [row.captions for row in rows] == [["anger 50 %"], ["happiness 25 %"]]
    assert faces_of(faces, SPEC, None).facts[0]["label"] is None


def test_rows_say_whether_they_show_the_unit_that_is_asked() -> None:
    shown = faces_of(half_faces(6), SPEC, None, "AU12")
    assert [fact["shown"] for fact in shown.facts[:2]] == [None, None]
    assert {fact["shown"] for fact in shown.facts[2:]} <= {True, False}
    maps, values = np.ones((6, 4, 4), np.float32), np.full(6, 2.25)
    said = Explanation("cam", "", "AU12", maps, ("AU12",) * 6, values, kind="intensity")
    rows = sheet_rows(shown, [said])
    assert rows[0].words == shown.names[0]  # not coded
    assert rows[2].words == f"label: AU12 {'shown' if shown.facts[2]['shown'] else 'not shown'}"
    assert rows[2].captions == ["AU12 2.2 of 5"]
