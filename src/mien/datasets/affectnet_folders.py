"""AffectNet as ESR-9 and OpenDR prepare it: 96 x 96 crops whose names hold their labels.

Training_Labeled/<id // 500>/0000012s3s653s-120.jpg is number 12: surprise, valence 0.653, arousal -0.120, cut off after
three places. The underscores in those projects' own descriptions stand in no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mien.datasets.affectnet import affectnet
from mien.datasets.broken_rows import BrokenRows
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.datasets.listing import Listing, listed
from mien.datasets.source import Source
from mien.errors import MienError

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

SPLITS: Mapping[str, str] = {"Training_Labeled": TRAINING, "Validation": VALIDATION}
"""Folders that are read; Training_Unlabeled has nothing to learn emotions from."""

_NAME = re.compile(r"\d{7,}s(10|\d)s(-?\d{1,4})s(-?\d{1,4})\.\w+")


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """Such a folder, or None. Its names and sizes stand for its content: the labels are in the names."""
    if not (root / "Training_Labeled").is_dir():
        return None
    pictures = listed(root, *SPLITS)
    if not pictures.names:
        raise MienError(f"{root}: no pictures in {' or '.join(SPLITS)}: prepare AffectNet again")
    return Source(f"affectnet folders {VERSION}", lambda: _read(root, pictures), content=pictures.hash())


def _read(root: Path, pictures: Listing) -> FaceSet:
    broken = BrokenRows(root, "rename or remove such pictures")
    values = np.zeros((len(pictures.names), 3), np.int64)
    for row, name in enumerate(pictures.names):
        found = _NAME.fullmatch(name, name.rfind("/") + 1)
        if found is None:
            broken.add(row, f"{name}: its name does not hold its labels, as 0000012s3s653s-120.jpg does")
        else:
            values[row] = [int(found[1]), int(found[2]), int(found[3])]
    broken.check()
    files = np.array(pictures.names)
    split = np.array([SPLITS[name.partition("/")[0]] for name in pictures.names])
    return affectnet(files, split, values[:, 0], (values[:, 1:] / 1000).astype(np.float32))
