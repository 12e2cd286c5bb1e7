from __future__ import annotations

import cv2
import numpy as np
import pytest

from mien.runtime.picture_quality import face_size, sharpness


@pytest.fixture
def crop() -> np.ndarray:
    from mien.datasets.synthetic import synthetic

    pixels = synthetic(n=1, seed=0).pixels
    assert pixels is not None
    grey = pixels[0] if pixels[0].ndim == 2 else pixels[0][..., 0]
    return np.asarray(grey)


def of(*crops: np.ndarray) -> np.ndarray:
    return sharpness(np.stack(crops)[..., None])


def test_blur_and_small_faces_blown_up_lower_it(crop: np.ndarray) -> None:
    h, w = crop.shape
    blurred = [cv2.GaussianBlur(crop, (0, 0), s) for s in (0.8, 1.5, 3)]
    small = cv2.resize(cv2.resize(crop, (w // 4, h // 4), interpolation=cv2.INTER_AREA), (w, h))
    values = of(crop, *blurred)
    assert (np.diff(values) < 0).all()
    assert of(small)[0] < values[0] / 2


def test_brightness_and_contrast_do_not_change_it(crop: np.ndarray) -> None:
    half = (crop.astype(float) * 0.5 + 60).round().astype(np.uint8)
    sharp, dull = of(crop, half)
    assert dull == pytest.approx(sharp, rel=0.05)


def test_one_grey_has_none_and_colour_counts_as_grey(crop: np.ndarray) -> None:
    assert of(np.full((9, 9), 77, np.uint8)).tolist() == [0]
    colour = np.repeat(crop[None, ..., None], 3, axis=-1)
    assert sharpness(colour) == pytest.approx(of(crop))
    assert sharpness(colour[:0]).shape == (0,)


def test_size_is_the_shorter_side() -> None:
    boxes = np.float32([[10, 20, 40, 70], [0, 0, 50, 30], [np.nan] * 4])
    np.testing.assert_array_equal(face_size(boxes), [30, 30, np.nan])
