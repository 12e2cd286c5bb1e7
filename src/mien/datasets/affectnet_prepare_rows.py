"""What there is to prepare of AffectNet: rows with picture, box and labels, broken ones too."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.datasets.affectnet import AUTOMATIC
from mien.datasets.fer2013_splits import TRAINING, VALIDATION

FOLDERS: Mapping[str, str] = {TRAINING: "Training_Labeled", VALIDATION: "Validation", AUTOMATIC: "Training_Unlabeled"}
"""Split -> the folder that it is prepared to."""


@dataclass(frozen=True, slots=True)
class Rows:
    """n rows of one set.

    Attributes:
        split: one of `affectnet.SPLITS`.
        source: the table's file name, or the later release's folder.
        folders: where pictures may lie, to be looked through in order.
        number: (n,) what a face is called by: its row in the table, or the later release's own number.
        paths: (n,) of pictures, below one of the folders.
        codes: (n,) AffectNet's, 0..10; -1 in broken rows.
        affect: (n, 2) float64 valence and arousal, -2 or NaN where they were not told.
        box: (n, 4) left, top, right, bottom in pixels, NaN where there is none; None: pictures are faces as they are.
        broken: row -> what is wrong with it.
    """

    split: str
    source: str
    folders: tuple[str, ...]
    number: NDArray[np.int64]
    paths: list[str]
    codes: NDArray[np.int64]
    affect: NDArray[np.float64]
    box: NDArray[np.float64] | None = None
    broken: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)

    def digest(self) -> str:
        """A hash of all that decides which row gets which number, labels and box.

        "" for the later release: its pictures bring their numbers along, so that some may be unpacked later.
        """
        if self.box is None:
            return ""
        sha = hashlib.sha256("\n".join(self.paths).encode("utf-8", "surrogateescape"))
        for values in (self.number, self.codes, self.affect, self.box):
            sha.update(np.ascontiguousarray(values).tobytes())
        return sha.hexdigest()
