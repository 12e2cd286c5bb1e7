from __future__ import annotations

import numpy as np
import pytest

from mien.images.crop import fit, square_crops, squares


def gradient(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8)


def test_the_square_shares_the_boxs_centre_and_its_side_follows_the_height() -> None:
    boxes = np.array([[10, 20, 30, 60], [0, 0, 100, 10]], np.float32)
    assert squares(boxes, 1.0).tolist() == [[0, 20, 40], [45, 0, 10]]
    assert squares(boxes, 1.5).tolist() == [[-10, 10, 60], [42, -2, 15]]
    assert squares(np.zeros((0, 4), np.float32), 1.0).shape == (0, 3)
    assert squares(np.zeros((1, 4), np.float32), 1.0)[0, 2] == 1


def test_a_crop_of_the_models_size_is_cut_and_nothing_else() -> None:
    picture = gradient(100, 120)
    (crop,) = square_crops(picture, np.array([[30, 20, 70, 68]]), 1.0, 48, 48, "rgb")
    np.testing.assert_array_equal(crop, picture[20:68, 26:74])


def test_what_lies_outside_repeats_the_border() -> None:
    picture = gradient(50, 50)
    (crop,) = square_crops(picture, np.array([[-20, -20, 28, 28]]), 1.0, 48, 48, "rgb")
    np.testing.assert_array_equal(crop[20:, 20:], picture[:28, :28])
    assert (crop[:20, 20:] == picture[0, :28]).all()
    assert (crop[:20, :20] == picture[0, 0]).all()
    for far in ([200, 200, 248, 248], [-200, -200, -152, -152], [-500, 10, 500, 40]):
        assert square_crops(picture, np.array([far]), 1.0, 48, 48, "grey").shape == (1, 48, 48, 1)


def test_shrinking_averages_areas() -> None:
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[:, ::2] = 255  # finer than the crop can show: without the area filter this would alias
    (crop,) = square_crops(stripes, np.array([[0, 0, 96, 96]]), 1.0, 48, 48, "grey")
    assert np.abs(crop.astype(int) - 128).max() <= 1


def test_enlarging_stays_smooth() -> None:
    (crop,) = square_crops(gradient(24, 24), np.array([[0, 0, 24, 24]]), 1.0, 48, 48, "rgb")
    assert np.abs(np.diff(crop[..., 0].astype(int), axis=1)).max() <= 1


def test_grey_and_rgb() -> None:
    red = np.zeros((60, 60, 3), np.uint8)
    red[..., 0] = 200
    boxes = np.array([[0, 0, 60, 60], [5, 5, 20, 20]], np.float32)
    assert square_crops(red, boxes, 1.0, 48, 48, "rgb")[..., 0].mean() == 200
    grey = square_crops(red, boxes, 1.0, 48, 48, "grey")
    assert grey.shape == (2, 48, 48, 1)
    assert np.abs(grey.astype(int) - round(0.299 * 200)).max() <= 1
    assert square_crops(red[..., 0], boxes, 1.0, 48, 40, "rgb").shape == (2, 48, 40, 3)
    assert square_crops(red, boxes[:0], 1.0, 48, 48, "rgb").shape == (0, 48, 48, 3)


def test_fit_copies_nothing_where_all_agrees() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (5, 48, 48), np.uint8)
    out = fit(pixels, 48, 48, "grey")
    assert out.shape == (5, 48, 48, 1)
    assert np.shares_memory(out, pixels)
    rgb = np.repeat(pixels[..., None], 3, axis=3)
    assert np.shares_memory(fit(rgb, 48, 48, "rgb"), rgb)


@pytest.mark.parametrize("colour", ["grey", "rgb"])
@pytest.mark.parametrize("shape", [(3, 100, 100), (3, 100, 100, 3), (3, 30, 30), (3, 48, 48, 3)])
def test_fit_gives_what_a_crop_of_the_whole_gives(colour: str, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    side = shape[1]
    crops = np.concatenate([
        square_crops(p, np.array([[0, 0, side, side]]), 1.0, 48, 48, colour) for p in pixels
    ])  # fmt: skip
    np.testing.assert_array_equal(fit(pixels, 48, 48, colour), crops)


def test_fit_cuts_the_centre_and_never_stretches() -> None:
    pixels = np.zeros((1, 60, 100), np.uint8)
    pixels[0, :, 20:80] = 255
    assert (fit(pixels, 60, 60, "grey") == 255).all()
    assert fit(pixels, 30, 50, "grey").shape == (1, 30, 50, 1)
    assert fit(np.zeros((1, 1, 90), np.uint8), 48, 48, "grey").shape == (1, 48, 48, 1)
