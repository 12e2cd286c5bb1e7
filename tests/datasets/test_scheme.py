"""What scheme labels follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.scheme import labelled

Pixels = NDArray[np.uint8]


INDEX = np.array([0, 1, 2, 3, 4, 5, 6, -1, 3])
SPLIT = np.full(9, "Test")


def test_small_grey_pictures_of_seven_emotions_are_fer2013(pixels: Pixels) -> None:
    faces = labelled("mine", pixels, INDEX, SPLIT)
    assert faces.name == "fer2013"
    assert faces.hard("fer2013").tolist() == INDEX.tolist()


def test_others_keep_their_name(pixels: Pixels) -> None:
    contempt = np.where(INDEX == 6, 7, INDEX)
    for pictures, index in ((pixels, contempt), (pixels[:, :32], INDEX), (np.array(list("abcdefghi")), INDEX)):
        faces = labelled("mine", pictures, index, SPLIT)
        assert faces.name == "mine"
        assert faces.emotion_schemes == ("emotion",)
        assert faces.hard("emotion").tolist() == index.tolist()
    faces = labelled("mine", pixels, contempt, SPLIT)
    assert np.isnan(faces.targets["emotion"]).all(axis=0).tolist() == [False] * 6 + [True, False]
