"""Faces beside their edits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots.edit_sheet import _sheet, plot_edit_sheet


@pytest.mark.parametrize("channels", [1, 3])
def test_faces_stand_first_and_edits_in_their_columns(channels: int) -> None:
    cells = np.arange(6, dtype=np.uint8).reshape(2, 3, 1, 1, 1) * np.ones((2, 3, 8, 6, channels), np.uint8)
    sheet = _sheet(cells, gap=2)
    assert sheet.shape == (18, 24, 3)
    for row in range(2):
        for column in range(3):
            top, left = row * 10, column * 8 + (2 if column else 0)
            assert (sheet[top : top + 8, left : left + 6] == row * 3 + column).all()
    assert (sheet[8:10] == 255).all()
    assert (sheet[:, 6:10] == 255).all()  # originals stand off


def test_names_stand_above(tmp_path: Path) -> None:
    faces, edits = np.zeros((2, 8, 8, 1), np.uint8), np.zeros((2, 2, 8, 8, 1), np.uint8)
    plot_edit_sheet(faces, edits, ["anger", "fear"], tmp_path / "s.svg", title="epoch 3")
    text = (tmp_path / "s.svg").read_text(encoding="utf-8")
    for word in ("original", "anger", "fear", "epoch 3"):
        assert word in text


def test_shapes_must_fit(tmp_path: Path) -> None:
    faces = np.zeros((2, 8, 8, 1), np.uint8)
    with pytest.raises(ValueError, match=r"edits: shape \(2, 1, 8, 8, 1\), expected \(2, 2, 8, 8, 1\)"):
        plot_edit_sheet(faces, np.zeros((2, 1, 8, 8, 1), np.uint8), ["anger", "fear"], tmp_path / "s.png")
    with pytest.raises(MienError, match="no faces"):
        plot_edit_sheet(faces[:0], np.zeros((0, 1, 8, 8, 1), np.uint8), ["anger"], tmp_path / "s.png")
