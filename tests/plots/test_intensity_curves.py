"""Curves of what is seen as more is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.intensity_curves import plot_intensity_curves


def test_each_emotion_and_chance_are_named(tmp_path: Path) -> None:
    target = tmp_path / "c.svg"
    curves = {"fear": [0.1, 0.4, 0.8], "anger": [0.2, 0.3, 0.9]}
    plot_intensity_curves([0, 0.5, 1], curves, target, chance=0.5, title="mine")
    text = target.read_text(encoding="utf-8")
    for word in ("fear", "anger", "chance", "mine", "intensity asked for"):
        assert word in text
    plot_intensity_curves([0, 0.5, 1], curves, target)
    assert "chance" not in target.read_text(encoding="utf-8")


def test_nothing_and_other_lengths(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no curves"):
        plot_intensity_curves([0, 1], {}, tmp_path / "c.png")
    with pytest.raises(ValueError, match="fear: 3 values for 2 intensities"):
        plot_intensity_curves([0, 1], {"fear": [1, 2, 3]}, tmp_path / "c.png")
