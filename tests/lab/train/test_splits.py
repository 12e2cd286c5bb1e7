from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.lab.train.recipe import Augment, Data, Recipe
from mien.lab.train.splits import holdout, training_and_validation
from mien.labels import SEVEN


def faces(n: int = 200) -> FaceSet:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    split = np.where(np.arange(n) % 4 == 3, "PublicTest", "Training")
    pixels = rng.integers(0, 256, (n, 4, 4), dtype=np.uint8)
    return FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=split)


def test_named_splits() -> None:
    training, validation = training_and_validation(Recipe(), faces())
    assert (len(training), len(validation)) == (150, 50)


def test_holdout_is_stratified_seeded_and_disjoint() -> None:
    keep, cut = holdout(faces(), 0.2, 42, "fer2013")
    again, _ = holdout(faces(), 0.2, 42, "fer2013")
    assert (len(keep), len(cut)) == (160, 40)
    assert not set(keep.row) & set(cut.row)
    assert np.array_equal(keep.row, again.row)
    counts = np.bincount(cut.hard("fer2013"), minlength=7)
    assert counts.max() - counts.min() <= 1


def test_targeted_copies_never_reach_validation() -> None:
    recipe = Recipe(data=Data(holdout=0.2, validation=""), augment=Augment(targeted={"disgust": "mirror"}))
    training, validation = training_and_validation(recipe, faces())
    assert (training.made_from >= 0).any()
    assert (validation.made_from == -1).all()


def test_sizes_of_oshea_on_the_real_counts() -> None:
    counts = [3995, 436, 4097, 7215, 4830, 3171, 4965]
    labels = np.repeat(np.arange(7), counts)
    big = FaceSet("t", pixels=np.zeros((28_709, 1, 1), np.uint8), targets={"fer2013": one_hot(labels, SEVEN)})
    keep, cut = holdout(big, 0.2, 42, "fer2013")
    assert (len(keep), len(cut)) == (22_967, 5_742)
    assert int((keep.hard("fer2013") == 1).sum()) == 349


def test_unlabelled_side_is_named() -> None:
    empty = faces()
    empty = empty.replace(targets={"fer2013": np.full((200, 8), np.nan, np.float32)})
    with pytest.raises(MienError, match="no labelled training rows"):
        training_and_validation(Recipe(), empty)
    with pytest.raises(MienError, match="no split"):
        training_and_validation(Recipe(data=Data(train="nowhere")), faces())
