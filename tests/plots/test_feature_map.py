"""A flat map of features, coloured by label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.plots.feature_map import plot_features

POINTS = np.random.default_rng(0).normal(size=(30, 2))


def test_panels_and_the_labels_that_occur_are_named(tmp_path: Path) -> None:
    labels = np.where(np.arange(30) % 5 == 0, -1, np.arange(30) % 2)
    panels = {"as they are": POINTS, "after augmentation": POINTS + 1}
    plot_features(panels, labels, EMOTIONS, tmp_path / "map.svg", title="a model")
    text = (tmp_path / "map.svg").read_text(encoding="utf-8")
    for word in ("as they are", "after augmentation", "a model", "anger", "disgust", "no label"):
        assert f">{word}<" in text
    assert ">fear<" not in text


def test_names_that_are_no_emotions_have_colours_too(tmp_path: Path) -> None:
    plot_features({"x": POINTS}, np.arange(30) % 9, [f"class {k}" for k in range(9)], tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 5000


def test_nothing_to_draw_is_told(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no faces to draw"):
        plot_features({"x": POINTS[:0]}, np.zeros(0, np.int64), EMOTIONS, tmp_path / "map.png")
