"""Which label scheme a set of pictures with one emotion each follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013_splits import recognise
from mien.labels import EMOTIONS, SEVEN

FER2013 = "fer2013"
OWN = "emotion"
"""The scheme of a set that is not FER2013: its own word for what each face shows."""


def labelled(
    name: str,
    pictures: NDArray[np.uint8] | NDArray[np.str_],
    index: NDArray[np.int64],
    split: NDArray[np.str_],
) -> FaceSet:
    """A FaceSet from pictures and one emotion each.

    48 x 48 grey pictures without contempt are FER2013, or made to be read as it; others keep their name
    and have targets under "emotion".

    Args:
        name: what to call a set that is not FER2013.
        pictures: (n, h, w) or (n, h, w, 3) uint8, or (n,) paths.
        index: (n,) positions in EMOTIONS, -1 for none.
        split: (n,) names of splits.
    """
    pixels = pictures if pictures.dtype == np.uint8 else None
    paths = pictures if pictures.dtype != np.uint8 else None
    fer2013 = pixels is not None and pixels.shape[1:] == (48, 48) and bool((index < len(SEVEN)).all())
    names = SEVEN if fer2013 else tuple(e for i, e in enumerate(EMOTIONS) if (index == i).any())
    return FaceSet(
        name=FER2013 if fer2013 else name,
        pixels=pixels,  # type: ignore[arg-type]
        paths=paths,  # type: ignore[arg-type]
        targets={FER2013 if fer2013 else OWN: one_hot(index, names)},
        split=recognise(split, index) if fer2013 else split,
    )
