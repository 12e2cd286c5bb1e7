from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.runtime.heat_drawing import SIDE, Row, amount_caption, caption, draw_rows, overlay, rows_file

FACE = np.full((SIDE, SIDE, 3), (200, 120, 40), np.uint8)


def test_heat_is_drawn_where_it_is_and_nowhere_else() -> None:
    heat = np.float32([[0, -5], [0, 9]])
    drawn = overlay(FACE, heat).astype(int)
    grey = drawn[0, 0]
    assert np.ptp(grey) == 0  # the face in grey
    np.testing.assert_array_equal(drawn[0, -1], grey)  # what is below 0 is not drawn
    assert np.ptp(drawn[-1, -1]) > 60
    np.testing.assert_array_equal(overlay(FACE, heat * 100), drawn)  # its own hottest place is the scale


def test_a_map_without_heat_leaves_the_face(tmp_path: Path) -> None:
    assert np.ptp(overlay(FACE, np.zeros((3, 3), np.float32)).astype(int)) == 0


def test_a_sheet_has_a_row_a_face_and_a_column_a_method(tmp_path: Path) -> None:
    maps = [np.eye(4, dtype=np.float32), np.zeros((4, 4), np.float32)]
    rows = [Row(FACE, "label happiness", maps, ["happiness 98 %", "valence +0.31"])] * 3
    one, three = draw_rows(rows[:1], ["cam", "occlusion"]), draw_rows(rows, ["cam", "occlusion"], "a title")
    assert one.shape[1] == three.shape[1] > 3 * SIDE
    assert three.shape[0] - one.shape[0] > 2 * SIDE
    assert draw_rows([rows[0].only(1)], ["occlusion"]).shape[1] < one.shape[1]
    rows_file(tmp_path / "a" / "sheet.png", rows, ["cam", "occlusion"])
    assert Image.open(tmp_path / "a" / "sheet.png").size[0] == three.shape[1]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="choose another --out"):
        rows_file(tmp_path / "file" / "sheet.png", [Row(FACE, "", [], [])], [])


def test_captions_know_probabilities_from_affect() -> None:
    assert caption("happiness", 0.984, False) == "happiness 98 %"
    assert caption("valence", -0.3149, True) == "valence -0.31"
    assert amount_caption("AU12", 3.14) == "AU12 3.1 of 5"
