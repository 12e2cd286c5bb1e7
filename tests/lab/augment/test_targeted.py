from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.lab.augment.targeted import augment_classes
from mien.labels import SEVEN


def faces() -> FaceSet:
    rng = np.random.default_rng(0)
    labels = np.array([0, 1, 1, 3, 1, 6])
    pixels = rng.integers(0, 256, (6, 48, 48), dtype=np.uint8)
    return FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)})


def test_disgust_fourfold_as_in_the_report() -> None:
    out = augment_classes(faces(), "fer2013", {"disgust": "mirror+rotate10"}, seed=0)
    assert len(out) == 6 + 9  # three become twelve
    assert np.bincount(out.hard("fer2013"), minlength=7).tolist() == [1, 12, 0, 1, 0, 0, 1]
    assert out.pixels is not None
    assert np.array_equal(out.pixels[:6], faces().pixels)
    assert np.array_equal(out.pixels[6], faces().pixels[1, :, ::-1])
    assert out.made_from[:6].tolist() == [-1] * 6
    assert set(out.made_from[6:]) == {1, 2, 4}


def test_sizes_of_the_report() -> None:
    pixels = np.zeros((22_967, 2, 2), np.uint8)
    labels = np.zeros(22_967, np.int64)
    labels[:349] = 1
    big = FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)})
    mirrored = augment_classes(big, "fer2013", {"disgust": "mirror"}, 0)
    both = augment_classes(big, "fer2013", {"disgust": "mirror+rotate10"}, 0)
    assert (len(mirrored), len(both)) == (23_316, 24_014)


def test_unknown_step() -> None:
    with pytest.raises(MienError, match="steps are mirror and rotateDEGREES"):
        augment_classes(faces(), "fer2013", {"disgust": "shear"}, 0)
