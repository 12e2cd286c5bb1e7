from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.runtime.sheet import CELL, Entry, draw_sheet, sheet_file


def entries(n: int) -> list[Entry]:
    shades = np.linspace(0, 250, n).astype(np.uint8)
    return [Entry(np.full((48, 48), s, np.uint8), "fear" if s > 9 else None, 0.5) for s in shades]


@pytest.mark.parametrize("n", [0, 1, 5, 60, 200])
def test_every_face_has_a_cell(n: int) -> None:
    sheet = draw_sheet(entries(n), "title")
    assert sheet.shape[0] * sheet.shape[1] > n * CELL * CELL
    assert sheet.shape[1] < 2200


def test_grey_and_rgb_faces_and_a_file(tmp_path: Path) -> None:
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 0] = 255
    sheet_file(tmp_path / "new" / "s.png", [Entry(red, "anger", 1.0), Entry(red[..., :1], "fear", 0.2)], "t")
    with Image.open(tmp_path / "new" / "s.png") as image:
        assert (np.asarray(image) == (255, 0, 0)).all(axis=2).sum() == CELL * CELL
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="cannot be written"):
        sheet_file(tmp_path / "file" / "s.png", [], "t")


def test_a_face_without_an_emotion_has_what_else_is_said_beneath() -> None:
    grey = np.full((48, 48), 99, np.uint8)
    silent, told = (draw_sheet([Entry(grey, None, np.nan, said)], "t") for said in ("", "AU06 AU12"))
    named = draw_sheet([Entry(grey, "fear", 0.5, "AU06 AU12")], "t")
    assert (silent != told).any()
    np.testing.assert_array_equal(named, draw_sheet([Entry(grey, "fear", 0.5)], "t"))
