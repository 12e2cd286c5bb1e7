"""Percentages by what was shown, asked for and seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.plots.reach_matrix import plot_reach_matrix

LABELS = {"row_label": "own", "column_label": "asked for", "meaning": "% reached"}


def test_numbers_and_names_are_told_and_nan_stays_blank(tmp_path: Path) -> None:
    target = tmp_path / "m.svg"
    shares = np.array([[91.4, np.nan, 0.0], [37.2, 55.5, 100.0]])
    plot_reach_matrix(shares, ["fear (8)", "anger (9)"], ["fear", "anger", "neutral"], target, **LABELS, title="mine")
    text = target.read_text(encoding="utf-8")
    for word in ("fear (8)", "anger (9)", "neutral", "mine", "own", "asked for", "% reached", ">91<", ">37<", ">100<"):
        assert word in text
    assert "nan" not in text.lower().replace("nano", "")


def test_shapes_must_fit(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shares: shape \(2, 2\), expected \(1, 2\)"):
        plot_reach_matrix(np.zeros((2, 2)), ["a"], ["a", "b"], tmp_path / "m.png", **LABELS)
