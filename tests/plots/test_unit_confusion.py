"""What is said in place of what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots.unit_confusion import plot_unit_confusion

TABLE = np.array([[30, 10, 0], [0, 0, 0], [5, 0, 1995]])


def test_rows_have_their_shares_counts_and_totals(tmp_path: Path) -> None:
    plot_unit_confusion(TABLE, ("AU06", "AU12"), tmp_path / "c.svg", title="a set")
    text = (tmp_path / "c.svg").read_text(encoding="utf-8")
    for word in ("AU06 (40)", "AU12 (0)", "nothing shown (2,000)", "nothing said", ">75<", ">25<", ">1,995<", "a set"):
        assert word in text
    assert ">nan<" not in text


def test_shapes_and_suffixes_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(2, 2\)"):
        plot_unit_confusion(TABLE, ("AU06",), tmp_path / "c.png")
    with pytest.raises(ValueError, match=r"expected \(1, 1\)"):
        plot_unit_confusion(np.zeros((1, 1)), (), tmp_path / "c.png")
    with pytest.raises(MienError, match=r"c\.gif"):
        plot_unit_confusion(TABLE, ("AU06", "AU12"), tmp_path / "c.gif")
