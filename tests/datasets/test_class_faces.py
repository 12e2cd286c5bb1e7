"""Drawn and average faces of classes."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.class_faces import draw_rows, mean_of


def test_a_draw_of_each_class() -> None:
    labels = np.array([0, 1, 1, 1, -1, 0, 1])
    zero, one, two = draw_rows(labels, np.array([0, 1, 2]), 2, seed=3)
    assert zero.tolist() == [0, 5]
    assert len(one) == 2
    assert (labels[one] == 1).all()
    assert two.tolist() == []
    assert draw_rows(labels, np.array([1]), 2, seed=3)[0].tolist() == one.tolist()


def test_the_mean_over_batches_is_that_of_all() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 3, 4, 1), dtype=np.uint8)
    assert mean_of([pixels[:5], pixels[5:]]) == pytest.approx(pixels.mean(axis=0) / 255)
    with pytest.raises(ValueError, match="no pictures"):
        mean_of([])
