from __future__ import annotations

import numpy as np

from mien.runtime.occlusion import occlusion, starts, window


def test_the_square_is_a_sixth_and_every_pixel_is_covered() -> None:
    assert window(48, 48) == ((8, 8), (4, 4))
    assert window(5, 7) == ((1, 1), (1, 1))
    assert starts(48, 8, 4)[-1] == 40
    for length in (3, 17, 44, 96):
        (size, _), (step, _) = window(length, length)
        assert starts(length, size, step)[-1] + size >= length


def test_the_answer_falls_where_the_model_looks_alone() -> None:
    """A model that reads the brightness of one corner: only squares that touch it count, and its sign."""
    crops = np.full((2, 24, 24, 1), 40, np.uint8)
    crops[:, :6, :6] = 240

    def said(some: np.ndarray) -> np.ndarray:
        corner = some[:, :6, :6].mean(axis=(1, 2, 3)) / 255
        return np.stack([corner, -corner], axis=1)

    maps = occlusion(said, crops, np.array([0, 1]))
    assert maps.shape == (2, 24, 24)
    assert (maps[0, :6, :6] > 0).all()
    assert not maps[0, 12:].any()
    assert not maps[0, :, 12:].any()
    np.testing.assert_allclose(maps[1], -maps[0])


def test_a_flat_face_hides_nothing() -> None:
    crops = np.full((1, 24, 24, 3), 77, np.uint8)
    assert not occlusion(lambda some: some.mean(axis=(1, 2)), crops, np.array([1])).any()
