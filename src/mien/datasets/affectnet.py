"""What AffectNet's releases have in common: codes, valence and arousal, and rows that are no faces."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.labels import CODES, EMOTIONS

AUTOMATIC = "Automatic"
"""The split of faces that a machine labelled."""

SPLITS = (TRAINING, VALIDATION, AUTOMATIC)

UNSAID = -2
"""Valence and arousal of faces that the annotator could not place, and of what is no face."""

_INDEX = np.array([EMOTIONS.index(name) if name in EMOTIONS else -1 for name in CODES["affectnet"].values()])


def affectnet(
    files: NDArray[np.str_],
    split: NDArray[np.str_],
    codes: NDArray[np.int64],
    affect: NDArray[np.float32],
    box: NDArray[np.float32] | None = None,
) -> FaceSet:
    """A FaceSet of the rows that show one of the eight emotions; how many others there were stands on stderr.

    Pictures are not opened: one that is missing is named by whatever reads it, `mien data info` among others.

    Args:
        files: (n,) paths of pictures.
        split: (n,) one of `SPLITS`.
        codes: (n,) AffectNet's, 0..10.
        affect: (n, 2) valence and arousal in -1..1, -2 or NaN where they were not told.
        box: (n, 4) left, top, right, bottom of the face in pixels of its picture.
    """
    index = _INDEX[codes]
    kept = index >= 0
    if not kept.all():
        sys.stderr.write(
            f"mien: note: {int((~kept).sum()):,} of {len(kept):,} AffectNet rows left out: no face, none of the eight"
            " emotions, or an uncertain one (codes 8 to 10)\n"
        )
    told = np.where(np.abs(affect) <= 1, affect, np.nan).astype(np.float32)
    return FaceSet(
        name="affectnet",
        paths=files[kept],
        targets={
            "affectnet": one_hot(index[kept], EMOTIONS),
            "valence": told[kept, 0],
            "arousal": told[kept, 1],
        },
        split=split[kept],
        box=None if box is None else box[kept],
        file=files[kept],
    )
