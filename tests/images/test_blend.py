from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.images.blend import WAYS, blend, feather, lightness
from mien.images.crop import square_crops

RNG = np.random.default_rng(0)
SQUARE = (60, 40, 100)


def photograph(h: int = 200, w: int = 260) -> np.ndarray:
    """Soft colours and a fine texture."""
    y, x = np.mgrid[0:h, 0:w]
    soft = np.stack([90 + 0.2 * x, 100 + 0.2 * y, 120 + 0.1 * (x - y)], axis=2)
    return np.clip(soft + RNG.normal(0, 6, (h, w, 1)), 0, 255).astype(np.uint8)


def crop_of(
    image: np.ndarray, square: tuple[int, int, int] = SQUARE, size: int = 24, colour: str = "grey"
) -> np.ndarray:
    left, top, side = square
    box = np.float32([[left, top, left + side, top + side]])
    return square_crops(image, box, 1.0, size, size, colour)[0]


def lighter(crop: np.ndarray, by: int = 60) -> np.ndarray:
    return np.clip(crop.astype(int) + by, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_only_the_square_changes_and_its_edge_does_not(way: str, colour: str) -> None:
    image = photograph()
    given = image.copy()
    crop = crop_of(image, colour=colour)
    out = blend(image, SQUARE, crop, crop, lighter(crop), way)
    np.testing.assert_array_equal(image, given)
    left, top, side = SQUARE
    inner = np.zeros(image.shape[:2], bool)
    inner[top + 1 : top + side - 1, left + 1 : left + side - 1] = True
    np.testing.assert_array_equal(out[~inner], image[~inner])
    middle = (slice(top + 40, top + 60), slice(left + 40, left + 60))
    gain = out[middle].astype(float).mean() - image[middle].mean()
    assert gain == pytest.approx(60, abs=2)


@pytest.mark.parametrize("way", WAYS)
def test_no_jump_at_the_seam(way: str) -> None:
    """A step from one pixel to the next across the border is the photograph's own, whatever happens inside."""
    image = photograph()
    crop = crop_of(image)
    out = blend(image, SQUARE, crop, crop, lighter(crop, 90), way).astype(int)
    left, top, side = SQUARE
    before, after = (
        np.abs(np.diff(v.astype(int), axis=1))[top : top + side, left - 2 : left + 3] for v in (image, out)
    )
    assert (after - before).max() <= 6
    assert after.mean() < before.mean() + 1


def test_a_face_at_its_own_place_keeps_every_pixel() -> None:
    """Whatever the generator loses in redrawing it."""
    image, crop = photograph(), crop_of(photograph())
    redrawn = RNG.integers(0, 255, crop.shape, dtype=np.uint8)
    np.testing.assert_array_equal(blend(image, SQUARE, crop, redrawn, redrawn, "change"), image)


def test_texture_stays_where_the_face_is_still_and_goes_where_it_moves() -> None:
    image = photograph()
    crop = crop_of(image)
    after = crop.astype(int)
    after[12:] += 80
    out = blend(image, SQUARE, crop, crop, np.clip(after, 0, 255).astype(np.uint8), "change")
    left, top, _ = SQUARE

    def roughness(picture: np.ndarray, rows: slice) -> float:
        patch = picture[rows, left + 20 : left + 80].astype(float).mean(axis=2)
        return float(np.diff(patch, axis=1).std())

    upper, lower = slice(top + 20, top + 40), slice(top + 60, top + 80)
    assert roughness(out, upper) == pytest.approx(roughness(image, upper), rel=0.05)
    assert roughness(out, lower) < 0.5 * roughness(image, lower)
    assert roughness(blend(image, SQUARE, crop, crop, crop, "paste"), upper) < 0.5 * roughness(image, upper)


def test_a_grey_generator_makes_colours_paler_or_shades_them() -> None:
    image = photograph()
    crop = crop_of(image)
    paler = blend(image, SQUARE, crop, crop, lighter(crop, 40), "change").astype(int)
    for a, b in ((0, 1), (1, 2)):
        assert np.abs((paler[..., a] - paler[..., b]) - (image[..., a].astype(int) - image[..., b])).max() <= 1
    shaded = blend(image, SQUARE, crop, crop, lighter(crop, -60), "change").astype(float)
    middle = (slice(80, 100), slice(100, 120))
    assert shaded[middle].mean() == pytest.approx(image[middle].mean() - 60, abs=3)
    ratio = shaded[middle] / image[middle]
    assert np.ptp(ratio, axis=2).max() < 0.03  # rounding


def test_a_square_over_the_edge_and_one_smaller_than_the_generators_picture() -> None:
    image = photograph()
    for square in ((-30, -20, 100), (200, 150, 100), (100, 100, 9), (-300, -300, 50)):
        crop = crop_of(image, square)
        out = blend(image, square, crop, crop, lighter(crop), "change")
        left, top, side = square
        touched = np.argwhere((out != image).any(axis=2))
        if left < -100:
            assert not len(touched)
            continue
        assert len(touched)
        assert (touched >= [top, left]).all()
        assert (touched < [top + side, left + side]).all()


def test_weights_of_an_edit() -> None:
    weights = feather(100)
    assert weights[0].max() == weights[:, -1].max() == 0
    assert weights[20:80, 20:80].min() == 1
    np.testing.assert_allclose(weights, weights.T)
    assert lightness(np.float32([[[255, 255, 255]]]))[0, 0, 0] == pytest.approx(255)


def test_another_way_is_refused() -> None:
    image = photograph()
    crop = crop_of(image)
    with pytest.raises(MienError, match="unknown way 'glue' to put a face back: change or paste"):
        blend(image, SQUARE, crop, crop, crop, "glue")
