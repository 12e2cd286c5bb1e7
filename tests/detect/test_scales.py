from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.detect.scales import Found, at_scales, shrink, suppress


def test_copies_follow_the_picture_and_boxes_return_to_it() -> None:
    seen: list[tuple[int, ...]] = []

    def find(copy: NDArray[np.uint8]) -> Found:
        seen.append(copy.shape[:2])
        h, w = copy.shape[:2]
        return Found(np.array([[0, 0, w / 2, h]], np.float32), np.array([0.8], np.float32))

    for shape, size, copies in (
        ((400, 300), None, [(400, 300), (213, 160)]),
        ((667, 1000), None, [(427, 640), (142, 213)]),
        ((2000, 1000), None, [(1000, 500), (333, 166)]),
        ((4000, 3000), None, [(1280, 960), (426, 320)]),
        ((4000, 3000), 300, [(300, 225), (100, 75)]),
        ((100, 80), None, [(100, 80)]),
    ):
        seen.clear()
        faces = at_scales(np.zeros((*shape, 3), np.uint8), find, size)
        assert seen == copies
        np.testing.assert_allclose(faces.boxes, [[0, 0, shape[1] / 2, shape[0]]], rtol=1e-5)
        assert faces.size == shape


def test_landmarks_and_empty_results() -> None:
    def none(copy: NDArray[np.uint8]) -> Found:
        return Found(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))

    faces = at_scales(np.zeros((900, 900, 3), np.uint8), none, None)
    assert len(faces) == 0
    assert faces.landmarks is not None
    assert faces.landmarks.shape == (0, 5, 2)


def test_suppress_keeps_the_better_of_two_that_overlap() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [8, 0, 18, 10], [0, 0, 10, 10]], np.float32)
    assert suppress(boxes, np.array([0.8, 0.9, 0.7, 0.8], np.float32)).tolist() == [1, 2]
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32)).tolist() == []


def test_shrink_never_enlarges_nor_loses_a_side() -> None:
    picture = np.zeros((2, 3000, 3), np.uint8)
    assert shrink(picture, 300).shape == (1, 300, 3)
    assert shrink(picture, 3000) is picture
