"""Pictures that show nothing."""

from __future__ import annotations

import numpy as np

from mien.evaluate.audit.blank import SHARE, blank_findings, flatness


def test_the_share_of_the_commonest_grey_and_its_neighbours() -> None:
    pictures = np.zeros((4, 10, 10), np.uint8)
    pictures[1, 0, :5] = 200  # five pixels of a hundred
    pictures[2] = np.arange(100).reshape(10, 10)  # each grey once: the commonest counts as the first of them, 0
    pictures[3] = 250 + np.arange(100).reshape(10, 10) % 6  # within four grey values of 250 but for 255
    assert flatness(pictures).round(3).tolist() == [1.0, 0.95, 0.05, 0.84]


def test_faces_are_not_blank_and_a_small_mark_on_one_grey_is(faces) -> None:
    pixels = faces.pixels.copy()
    pixels[7] = 128 + np.random.default_rng(0).integers(-2, 3, (48, 48))
    pixels[8] = 0
    pixels[8, 40:, 40:] = 255
    found = blank_findings(pixels, faces.hard("fer2013"))
    assert [(f.kind, f.row, f.twin, f.label) for f in found] == [("blank", 7, -1, 0), ("blank", 8, -1, 1)]
    assert found[1].score == 1 - 64 / 48**2 >= SHARE
