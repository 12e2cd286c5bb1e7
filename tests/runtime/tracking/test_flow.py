from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.runtime.tracking.flow import carried, copy_of

DrawFace = Callable[..., NDArray[np.uint8]]


def box(x: float, y: float, size: float) -> NDArray[np.float32]:
    return np.array([[x - 0.4 * size, y - 0.5 * size, x + 0.4 * size, y + 0.5 * size]], np.float32)


@pytest.mark.parametrize(("dx", "dy", "grown"), [(0, 0, 1.0), (14, -6, 1.0), (-9, 3, 1.06)])
def test_a_box_goes_with_the_face(draw_face: DrawFace, dx: float, dy: float, grown: float) -> None:
    before, after = draw_face(480, 1280, 400, 240, 200), draw_face(480, 1280, 400 + dx, 240 + dy, 200 * grown)
    boxes, held = carried(copy_of(before), copy_of(after), box(400, 240, 200), (480, 1280))
    assert held.tolist() == [True]
    np.testing.assert_allclose(boxes, box(400 + dx, 240 + dy, 200 * grown), atol=6)


def test_a_face_that_is_gone_is_let_go(draw_face: DrawFace) -> None:
    empty = np.full((480, 640, 3), 120, np.uint8)
    _, held = carried(copy_of(draw_face(480, 640, 300, 240, 200)), copy_of(empty), box(300, 240, 200), (480, 640))
    assert held.tolist() == [False]


def test_nothing_to_follow(draw_face: DrawFace) -> None:
    flat = copy_of(np.full((100, 100, 3), 120, np.uint8))
    assert carried(flat, flat, box(50, 50, 60), (100, 100))[1].tolist() == [False]
    assert carried(flat, flat, box(50, 50, 4), (100, 100))[1].tolist() == [False]
    assert carried(flat, flat[:50], box(50, 50, 60), (100, 100))[1].tolist() == [False]
    assert carried(flat, flat, np.zeros((0, 4), np.float32), (100, 100))[1].tolist() == []
