from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic.canvas import Canvas
from mien.datasets.synthetic.pose import poses

ROWS = np.arange(30, dtype=np.int64)


@pytest.fixture
def canvas() -> Canvas:
    return Canvas(30, 48, poses(0, ROWS, 1.0), 1)


def test_a_window_shows_the_same_coordinates_as_the_whole(canvas: Canvas) -> None:
    whole = canvas.whole()
    zero = np.zeros((30, 1, 1), np.float32)
    dot = 0.15
    with canvas.window(zero + 0.2, zero - 0.1, 0.0, (0.3, 0.3)) as patch:
        patch.paint(patch.cover(dot - np.sqrt(patch.u**2 + patch.v**2)), canvas.flat((1, 1, 1)))
    direct = whole.cover(dot - np.sqrt((whole.u - 0.2) ** 2 + (whole.v + 0.1) ** 2))
    np.testing.assert_allclose(canvas.planes[0], direct, atol=1e-4)
    assert canvas.planes[0].max() > 0.99


def test_a_window_may_hang_over_the_edge(canvas: Canvas) -> None:
    far = np.full((30, 1, 1), 0.95, np.float32)
    with canvas.window(far, far, 0.0, (0.5, 0.5)) as patch:
        patch.paint(np.ones_like(patch.u), canvas.flat((1, 1, 1)))
    assert (canvas.planes[0][:, 30:, 30:].max(axis=(1, 2)) == 1).all()
    assert not canvas.planes[0][:, :10, :10].any()


def test_cover_counts_the_share_of_a_pixel(canvas: Canvas) -> None:
    patch = canvas.whole()
    np.testing.assert_allclose(patch.cover(0 * patch.u), 0.5)
    assert (patch.cover(patch.u * 0 + 1) == 1).all()
    assert (patch.cover(patch.u * 0 - 1) == 0).all()


def test_darken_takes_light_away(canvas: Canvas) -> None:
    patch = canvas.whole()
    patch.paint(np.ones_like(patch.u), canvas.flat((0.5, 0.5, 0.5)))
    patch.darken(np.full_like(patch.u, 0.2))
    np.testing.assert_allclose(canvas.planes[0], 0.4, atol=1e-6)


def test_grey_is_the_luminance_of_the_colours() -> None:
    pose = poses(0, ROWS, 0.0)
    colour = np.tile(np.array([[1.0, 0.5, 0.0]], np.float32), (30, 1))
    red, green, blue = Canvas(30, 16, pose, 3).colour(colour)
    (grey,) = Canvas(30, 16, pose, 1).colour(colour)
    np.testing.assert_allclose(grey, 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-6)


def test_everything_stays_in_single_precision(canvas: Canvas) -> None:
    patch = canvas.whole()
    assert patch.u.dtype == patch.v.dtype == patch.cover(patch.u).dtype == np.float32
