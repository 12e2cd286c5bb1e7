"""Sheets of sample faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots.contact_sheet import _sheet, plot_contact_sheet


def test_faces_stand_in_the_rows_of_their_classes() -> None:
    dark, light = np.full((2, 10, 10, 1), 10, np.uint8), np.full((1, 10, 10, 3), 90, np.uint8)
    sheet, step = _sheet([dark, np.empty((0, 10, 10, 1), np.uint8), light], columns=2)
    assert sheet.shape == (3 * step, 2 * step, 3)
    assert (sheet[:10, :10] == 10).all()
    assert (sheet[:10, step : step + 10] == 10).all()
    assert (sheet[step : 2 * step] == 255).all()
    assert (sheet[2 * step : 2 * step + 10, :10] == 90).all()


def test_names_stand_beside(tmp_path: Path) -> None:
    plot_contact_sheet({"anger": np.zeros((3, 8, 8, 1), np.uint8)}, tmp_path / "s.svg", title="few")
    text = (tmp_path / "s.svg").read_text(encoding="utf-8")
    assert "anger" in text
    assert "few" in text
    with pytest.raises(MienError, match="no labelled faces"):
        plot_contact_sheet({"anger": np.zeros((0, 8, 8, 1), np.uint8)}, tmp_path / "s.svg")
