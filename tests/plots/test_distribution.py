"""Bars by class and split."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.distribution import Distribution, plot_distribution

NAMES = ("anger", "disgust")


def test_two_panels_with_numbers_and_imbalance(tmp_path: Path) -> None:
    before = Distribution("before", NAMES, {"Training": [5000, 25], "Test": [10, 0], "Empty": [0, 0]})
    after = Distribution("after", NAMES, {"Training": [5000, 5000]})
    plot_distribution([before, after], tmp_path / "d.svg", title="a set")
    text = (tmp_path / "d.svg").read_text(encoding="utf-8")
    for word in ("before", "after", "disgust", " 5,000", "5,025, 1 : 200", "10,000, 1 : 1", "a class without rows"):
        assert word in text
    assert "Empty" not in text


def test_nothing_to_draw(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no labelled rows"):
        plot_distribution([Distribution("x", NAMES, {"Training": [0, 0]})], tmp_path / "d.png")
