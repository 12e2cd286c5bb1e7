"""Bars by action unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.plots.unit_frequency import plot_unit_frequency


def test_counts_shares_and_intensities_are_told(tmp_path: Path) -> None:
    levels = np.array([[4, 1, 1, 1, 1, 0], [6, 0, 0, 0, 0, 0]])
    args = (["AU12", "AU20"], np.array([12358, 0]), np.array([25000, 0]))
    plot_unit_frequency(*args, tmp_path / "u.svg", levels=levels, title="a set")
    text = (tmp_path / "u.svg").read_text(encoding="utf-8")
    for word in ("12,358 (49.4 %)", "unknown throughout", "lip corner puller", "AU20", "a set", "by intensity", ">E<"):
        assert word in text
    plot_unit_frequency(*args, tmp_path / "v.svg")
    assert "by intensity" not in (tmp_path / "v.svg").read_text(encoding="utf-8")


def test_lengths_must_agree(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="for 2 units"):
        plot_unit_frequency(["AU01", "AU02"], np.array([1]), np.array([1]), tmp_path / "u.png")
    with pytest.raises(ValueError, match="for 0 units"):
        plot_unit_frequency([], np.array([]), np.array([]), tmp_path / "u.png")
