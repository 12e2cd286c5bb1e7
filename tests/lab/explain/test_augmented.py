from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.lab.explain.augmented import augment_of, augmented
from mien.lab.train.recipe import Augment

FACES = synthetic(n=6, seed=1).pixels[..., None]


def test_nothing_asked_for_changes_nothing() -> None:
    np.testing.assert_array_equal(augmented(FACES, Augment(flip=0.0)), FACES)


def test_mirrored_faces_are_mirrored() -> None:
    np.testing.assert_array_equal(augmented(FACES, Augment(flip=1.0)), FACES[:, :, ::-1])


def test_crops_are_brought_back_to_size_and_seeds_differ() -> None:
    settings = Augment(crop=40, rotate=20, brightness=0.3, erase=0.5)
    first = augmented(FACES, settings, seed=1)
    assert first.shape == FACES.shape
    np.testing.assert_array_equal(first, augmented(FACES, settings, seed=1))
    assert (first != augmented(FACES, settings, seed=2)).any()
    colours = synthetic(n=2, colour="rgb").pixels
    assert augmented(colours, Augment(crop=40, saturation=0.5)).shape == colours.shape


def test_of_a_recipe_only_what_changes_one_face_is_taken(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text('[augment]\nrotate = 7.0\nmixup = 0.4\n\n[augment.targeted]\ndisgust = "mirror"\n')
    found = augment_of(recipe)
    assert (found.rotate, found.mixup, found.targeted) == (7.0, 0.0, {})
    with pytest.raises(MienError, match=r"gone\.toml"):
        augment_of(tmp_path / "gone.toml")
