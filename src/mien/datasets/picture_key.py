"""A short name for what a row shows, so that a picture made from it finds it again whatever the rows are called."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet

DIGITS = 16
"""Hexadecimal digits kept: among a million pictures two share their key with a chance of 3 in 100 million."""


def picture_keys(faces: FaceSet) -> NDArray[np.str_]:
    """(n,) first digits of the sha256 of each picture's pixels; of a picture in a file, of the end of its path.

    A folder of pictures may move, so that only the file's name and its folder's count; together with the row's
    number they tell pictures of one data set apart.
    """
    if faces.pixels is not None:
        told = (np.ascontiguousarray(picture).tobytes() for picture in faces.pixels)
    else:
        assert faces.paths is not None  # a FaceSet holds either pixels or paths
        told = ("/".join(str(path).replace("\\", "/").split("/")[-2:]).encode() for path in faces.paths)
    keys = [hashlib.sha256(text).hexdigest()[:DIGITS] for text in told]
    return np.array(keys, f"U{DIGITS}")
