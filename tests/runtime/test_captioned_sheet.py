from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.runtime.captioned_sheet import CELL, captioned_file, draw_captioned

RED = np.zeros((10, 12, 3), np.uint8)
RED[..., 0] = 255
GREY = np.full((48, 48, 1), 128, np.uint8)
ROWS = {"shown, missed": [(RED, "2 %, shown"), (GREY, "9 %, shown")], "not shown, said": [(RED, "98 %, not shown")]}


def count(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_every_face_has_its_cell_and_words_under_it() -> None:
    drawn = draw_captioned(ROWS, "AU12: most wrong")
    assert count(drawn, (255, 0, 0)) == 2 * CELL * CELL
    assert count(drawn, (128, 128, 128)) >= CELL * CELL
    one = draw_captioned({"shown, missed": ROWS["shown, missed"]}, "AU12: most wrong")
    assert one.shape[1] == drawn.shape[1]
    assert drawn.shape[0] - one.shape[0] > CELL
    mute = draw_captioned({name: [(face, "") for face, _ in some] for name, some in ROWS.items()}, "AU12: most wrong")
    changed = np.argwhere((mute != drawn).any(axis=2))
    assert len(changed) > 50
    assert changed[:, 0].min() > CELL  # under the first row of faces


def test_a_sheet_without_faces_is_an_error_and_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no faces"):
        draw_captioned({}, "nothing")
    captioned_file(tmp_path / "new" / "s.png", ROWS, "t")
    with Image.open(tmp_path / "new" / "s.png") as image:
        assert image.mode == "RGB"
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="choose another --out"):
        captioned_file(tmp_path / "file" / "s.png", ROWS, "t")
