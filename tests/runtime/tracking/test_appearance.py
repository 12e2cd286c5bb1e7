from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.runtime.tracking.appearance import HALF_ONLY, distances, evened, looks, patches

BOX = np.array([[100, 60, 200, 180]], np.float32)


def look_of(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    return looks(patches(image, BOX), np.ones((1, 8), np.float32))


def test_light_changes_little_and_another_colour_much(draw_face: Callable[..., NDArray[np.uint8]]) -> None:
    face = draw_face(240, 320, 150, 120, 130)
    brighter = (face * 0.8).astype(np.uint8)
    other = face[..., ::-1].copy()
    same, different = distances(look_of(face), look_of(brighter))[0, 0], distances(look_of(face), look_of(other))[0, 0]
    assert same < 0.15 < 0.5 < different


def test_half_a_face_is_known_by_the_other_half(draw_face: Callable[..., NDArray[np.uint8]]) -> None:
    face = draw_face(240, 320, 150, 120, 130)
    hidden = face.copy()
    hidden[:, :150] = (30, 90, 30)
    whole = distances(look_of(face), look_of(hidden), halves=False)[0, 0]
    assert distances(look_of(face), look_of(hidden))[0, 0] < HALF_ONLY + 0.1 < whole


def test_parts_have_length_one_and_round_trip() -> None:
    vectors = evened(np.random.default_rng(0).normal(size=(3, 300)))
    np.testing.assert_allclose(distances(vectors, vectors).diagonal(), 0, atol=1e-3)
    assert np.array_equal(vectors, np.array(vectors.tolist()))
    assert (
        looks(patches(np.zeros((9, 9, 3), np.uint8), np.zeros((0, 4), np.float32)), np.zeros((0, 8), np.float32)).shape[
            0
        ]
        == 0
    )
