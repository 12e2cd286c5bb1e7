"""Valence and arousal against their labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.plots.affect_errors import plot_affect_errors
from mien.plots.circumplex import MANY


def test_both_are_named_with_points_or_a_density(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    true = random.uniform(-1, 1, (50, 2))
    true[:20, 1] = np.nan
    plot_affect_errors(true, true * 0.5, tmp_path / "a.svg", title="a set")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for word in ("valence, label", "arousal, label", ">said<", "a set"):
        assert word in text
    assert text.count("<use") > 50 + 30  # a mark for each known label, and ticks
    many = random.uniform(-1, 1, (MANY + 1, 2))
    plot_affect_errors(many, many, tmp_path / "m.svg")
    assert (tmp_path / "m.svg").read_text(encoding="utf-8").count("<use") < 100


def test_what_is_not_labelled_is_drawn_nowhere(tmp_path: Path) -> None:
    true = np.full((5, 2), np.nan)
    plot_affect_errors(true, np.zeros((5, 2)), tmp_path / "none.png")
    with Image.open(tmp_path / "none.png") as picture:
        assert picture.width > picture.height


def test_nonsense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 2\) twice"):
        plot_affect_errors(np.zeros((5, 3)), np.zeros((5, 3)), tmp_path / "x.png")
    with pytest.raises(ValueError, match=r"expected \(n, 2\) twice"):
        plot_affect_errors(np.zeros((5, 2)), np.zeros((4, 2)), tmp_path / "x.png")
    with pytest.raises(MienError, match=r"x\.gif"):
        plot_affect_errors(np.zeros((5, 2)), np.zeros((5, 2)), tmp_path / "x.gif")
