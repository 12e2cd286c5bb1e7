from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.runtime.tracking.cut import Cuts


def scene(seed: int, shift: int = 0) -> NDArray[np.uint8]:
    """A picture of coloured blocks, and the same one seen further to the right."""
    random = np.random.default_rng(seed)
    tint = random.integers(40, 220, 3)
    blocks = (random.normal(0, 40, (12, 24, 3)) + tint).clip(0, 255).astype(np.uint8)
    return np.repeat(np.repeat(blocks, 20, 0), 20, 1)[:, shift : shift + 320]


def flash(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (255 - (255 - image.astype(int)) // 12).astype(np.uint8)


def said(*images: NDArray[np.uint8]) -> list[str]:
    cuts = Cuts()
    return [cuts.look(image) for image in images]


@pytest.mark.parametrize("seeds", [(0, 1), (4, 5)])
def test_a_cut_and_a_pan(seeds: tuple[int, int]) -> None:
    a, b = seeds
    pan = [scene(a, shift) for shift in (0, 10, 30, 60)]
    assert said(*pan, scene(b), scene(b, 10)) == ["same"] * 4 + ["cut", "same"]


def test_lights_that_go_up_are_no_cut() -> None:
    dim = (scene(0) // 3).astype(np.uint8)
    assert said(scene(0), dim, scene(0)) == ["same"] * 3


def test_a_flash_is_taken_back() -> None:
    blind = np.random.default_rng(1).integers(200, 256, (240, 320, 3)).astype(np.uint8)
    blind[:, :100] = 120
    assert said(scene(0), scene(0, 2), blind, scene(0, 4), scene(0, 6)) == ["same", "same", "cut", "back", "same"]


def test_black_between_two_scenes_and_in_one() -> None:
    black = np.zeros((240, 320, 3), np.uint8)
    assert said(scene(0), black, black, scene(1)) == ["same", "same", "same", "cut"]
    assert said(scene(0), black, black, scene(0, 3)) == ["same"] * 4


def test_it_goes_on_from_its_state() -> None:
    images = [scene(0), scene(1), scene(0, 1), scene(2), scene(2, 9), scene(3)]
    whole = said(*images)
    for at in range(1, len(images)):
        first, second = Cuts(), Cuts()
        for image in images[:at]:
            first.look(image)
        second.restore(json.loads(json.dumps(first.state())))
        assert [second.look(image) for image in images[at:]] == whole[at:]
