"""Mean faces side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots.mean_faces import plot_mean_faces


@pytest.mark.parametrize("channels", [1, 3])
def test_each_class_with_faces_is_drawn_with_their_number(channels: int, tmp_path: Path) -> None:
    means = np.full((3, 6, 6, channels), 0.5)
    plot_mean_faces(("anger", "disgust", "fear"), means, (1200, 0, 7), tmp_path / "m.svg", title="few")
    text = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert "anger" in text
    assert "1,200" in text
    assert "disgust" not in text


def test_no_faces_at_all(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no labelled faces"):
        plot_mean_faces(("anger",), np.zeros((1, 6, 6, 1)), (0,), tmp_path / "m.png")
