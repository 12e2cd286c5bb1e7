from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.evaluate.pixels import crops  # noqa: E402
from mien.images.crop import fit  # noqa: E402
from mien.lab.train.batches import FaceTensors  # noqa: E402
from mien.lab.train.held_pixels import held_pixels  # noqa: E402
from mien.lab.train.recipe import Augment, HeadRecipe, Input  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
SHAPES = [(48, 48), (48, 48, 3), (50, 40), (40, 50, 3), (300, 260), (260, 300, 3), (64, 96)]


def faces(shape: tuple[int, ...], n: int = 6) -> FaceSet:
    pixels = RNG.integers(0, 256, (n, *shape), dtype=np.uint8)
    return FaceSet("t", pixels, targets={"fer2013": one_hot(np.arange(n) % 7, SEVEN)})


def tensors(data: FaceSet, settings: Input) -> FaceTensors:
    return FaceTensors(data, (HeadRecipe(),), settings, CPU)


@pytest.mark.parametrize("colour", ["grey", "rgb"])
@pytest.mark.parametrize("size", [(96, 96), (64, 80), (48, 48)])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_network_learns_from_the_pixels_that_inference_gives_it(
    shape: tuple[int, ...], size: tuple[int, int], colour: str
) -> None:
    data = faces(shape)
    assert data.pixels is not None
    found = tensors(data, Input(*size, colour, "unit")).picked(torch.arange(6)).permute(0, 2, 3, 1)
    expected = fit(data.pixels, *size, colour)
    assert found.shape == expected.shape
    away = np.abs(found.numpy().astype(int) - expected)
    assert away.max() <= 1
    assert min(shape[:2]) < max(size) or away.max() == 0  # only enlarging rounds otherwise
    plain = tensors(data, Input(*size, colour, "unit")).plain(torch.arange(6)).permute(0, 2, 3, 1)
    torch.testing.assert_close(plain * 255, found.float())


def test_small_grey_pictures_are_held_as_they_are() -> None:
    data = faces((48, 48), 50)
    assert data.pixels is not None
    held = tensors(data, Input(224, 224, "rgb")).pixels
    assert held.nbytes == data.pixels.nbytes
    assert held_pixels(faces((300, 300)), Input(224, 224, "rgb")).shape == (6, 1, 224, 224)


def test_files_of_one_size_are_held_at_it_and_others_at_the_networks(tmp_path: Path) -> None:
    small, large = RNG.integers(0, 256, (2, 48, 48), dtype=np.uint8), RNG.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    for name, picture in (("a", small[0]), ("b", small[1]), ("c", large)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    paths = np.array([str(tmp_path / f"{name}.png") for name in "abc"])
    settings = Input(96, 96, "rgb", "unit")
    same = held_pixels(FaceSet("t", paths=paths[:2]), settings)
    assert np.array_equal(same[:, 0], small)
    assert same.shape == (2, 1, 48, 48)
    mixed = held_pixels(FaceSet("t", paths=paths), settings)
    assert mixed.shape == (3, 3, 96, 96)
    expected = fit(large[None], 96, 96, "rgb").transpose(0, 3, 1, 2)
    assert np.array_equal(mixed[2:], expected)
    assert held_pixels(FaceSet("t", paths=paths[:0]), settings).shape == (0, 1, 96, 96)


@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_files_with_a_box_are_cut_as_evaluation_cuts_them(tmp_path: Path, colour: str) -> None:
    for number in range(3):
        Image.fromarray(RNG.integers(0, 256, (80, 90, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    paths = np.array([str(tmp_path / f"{number}.png") for number in range(3)])
    box = np.array([[10, 20, 60, 70], [30.5, 5, 80, 95], [np.nan] * 4], np.float32)
    data = FaceSet("t", paths=paths, box=box)
    expected = np.concatenate(list(crops(data, 40, 40, colour)))
    assert np.array_equal(held_pixels(data, Input(40, 40, colour)), expected.transpose(0, 3, 1, 2))


def test_planes_alike_are_augmented_once_with_the_same_numbers() -> None:
    """One plane until the normalisation, or three all along: the same batch."""
    grey = faces((24, 24))
    assert grey.pixels is not None
    coloured = grey.replace(pixels=np.repeat(grey.pixels[..., None], 3, axis=3))
    settings = Input(32, 32, "rgb", mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))
    asked = Augment(rotate=30, fill="zero", brightness=0.2, contrast=0.3, erase=0.5, sharpness=2.0, blur=0.5)
    batches = [next(tensors(d, settings).epoch(asked, batch=6, side=(32, 32), seed=(0, 0))) for d in (grey, coloured)]
    torch.testing.assert_close(batches[0][0], batches[1][0])
    assert batches[0][0].shape == (6, 3, 32, 32)
