"""Corruptions: shapes, determinism, strength, and what each of them does to a picture."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.robustness.corruptions import CORRUPTIONS, STRENGTHS, corrupt, corruption


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    pixels = synthetic(n=12, seed=3).pixels
    assert pixels is not None
    return pixels


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("shape", [(3, 48, 48), (2, 31, 40, 1), (2, 224, 224, 3), (0, 48, 48), (1, 3, 3)])
def test_any_size_and_colour_keeps_its_shape(name: str, shape: tuple[int, ...]) -> None:
    given = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    kept = given.copy()
    for strength in STRENGTHS:
        found = corrupt(given, name, strength)
        assert (found.shape, found.dtype) == (shape, np.uint8)
    assert (given == kept).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_same_seed_gives_the_same_pixels_whatever_the_batch(name: str, crops: np.ndarray) -> None:
    whole = corrupt(crops, name, 3, seed=5)
    rows = np.arange(len(crops))
    halves = [corrupt(crops[half], name, 3, seed=5, rows=rows[half]) for half in (slice(0, 5), slice(5, None))]
    assert (np.concatenate(halves) == whole).all()
    if name in ("noise", "occlusion", "rotation"):
        assert (corrupt(crops, name, 3, seed=6) != whole).any()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_stronger_corruption_takes_more_away(name: str, crops: np.ndarray) -> None:
    away = [np.abs(corrupt(crops, name, s).astype(float) - crops).mean() for s in STRENGTHS]
    assert away[0] > 0
    assert all(a < b for a, b in itertools.pairwise(away)), away


def test_occlusion_grows_from_one_place(crops: np.ndarray) -> None:
    covered = [(corrupt(crops * 0, "occlusion", s) == 128) for s in STRENGTHS]
    for level, mask in zip(CORRUPTIONS["occlusion"].levels, covered, strict=True):
        assert mask.mean() == pytest.approx(level / 100, abs=0.02)
    assert all((a <= b).mean() > 0.98 for a, b in itertools.pairwise(covered))
    assert len({mask.argmax() for mask in covered[2]}) > 5  # another place on each face


def test_darkness_scales_and_noise_has_its_sigma() -> None:
    grey = np.full((4, 64, 64), 120, np.uint8)
    assert (corrupt(grey, "darkness", 3) == 30).all()
    assert corrupt(grey, "noise", 2).std() == pytest.approx(16, rel=0.05)


def test_blur_is_of_the_faces_size_and_low_resolution_of_pixels(crops: np.ndarray) -> None:
    import cv2

    double = np.stack([cv2.resize(crop, (96, 96), interpolation=cv2.INTER_LINEAR) for crop in crops])
    small = np.stack([cv2.resize(crop, (48, 48), interpolation=cv2.INTER_AREA) for crop in corrupt(double, "blur", 4)])
    assert np.abs(small.astype(float) - corrupt(crops, "blur", 4)).mean() < 2
    tiny = crops[:, :24, :24]
    assert (corrupt(tiny, "low resolution", 2) == tiny).all()
    assert (corrupt(tiny, "low resolution", 3) != tiny).any()


def test_rotation_turns_to_both_sides() -> None:
    bar = np.zeros((40, 41, 41), np.uint8)
    bar[:, :20, 19:22] = 255
    found = corrupt(bar, "rotation", 5)[:, 8]
    left = np.array([row[:20].sum() > row[21:].sum() for row in found.astype(int)])
    assert 8 < left.sum() < 32


def test_jpeg_keeps_colours_apart() -> None:
    red = np.zeros((1, 48, 48, 3), np.uint8)
    red[..., 0] = 200
    found = corrupt(red, "jpeg", 1).astype(int)
    assert found[..., 0].mean() > 150
    assert found[..., 2].mean() < 60


def test_bad_input_is_told(crops: np.ndarray) -> None:
    with pytest.raises(MienError, match="unknown corruption 'fog': one of blur"):
        corrupt(crops, "fog", 1)
    with pytest.raises(MienError, match="strength 6: 1 to 5"):
        corrupt(crops, "blur", 6)
    with pytest.raises(ValueError, match="float64"):
        corrupt(crops / 255, "blur", 1)
    with pytest.raises(ValueError, match="2 levels"):
        corruption("fog", "", (1, 2))
