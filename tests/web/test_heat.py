from __future__ import annotations

import numpy as np

import mien
from mien.web.heat import SIDE, Heat, _within


def test_the_part_of_the_map_that_lies_in_the_box_is_cut_out() -> None:
    heat = np.zeros((96, 96), np.float32)
    heat[48:, :] = 1  # the lower half of the square
    square = np.array([100, 200, 80])
    whole = _within(heat, np.array([100, 200, 180, 280], np.float32), square)
    assert whole.shape == (SIDE, SIDE)
    np.testing.assert_allclose(whole, heat)
    assert _within(heat, np.array([110, 245, 150, 275], np.float32), square).min() == 1
    assert _within(heat, np.array([110, 205, 150, 235], np.float32), square).max() == 0
    beyond = _within(heat, np.array([60, 250, 140, 270], np.float32), square)
    assert beyond[:, :40].max() == 0
    assert beyond[:, 60:].min() == 1


def test_without_faces_there_is_nothing_and_a_model_built_otherwise_has_none(tiny_model) -> None:  # type: ignore[no-untyped-def]
    analyzer = mien.Analyzer(tiny_model(), detector="none")
    image = np.full((60, 60, 3), 200, np.uint8)
    faces = analyzer(image)
    heat = Heat(analyzer)
    assert heat.of(image, faces) == [None]
    assert heat.of(image, mien.Faces("x")) == []
