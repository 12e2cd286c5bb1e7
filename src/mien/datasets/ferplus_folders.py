"""The folders that FER+'s own script writes: FER2013Train, FER2013Valid and FER2013Test, each a label.csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import PRIVATE_TEST, PUBLIC_TEST, TRAINING
from mien.datasets.ferplus import read_label_csv
from mien.datasets.folders import read_small
from mien.datasets.votes import distribution
from mien.errors import MienError

VERSION = 1
"""Raised when the same folders would be read into another FaceSet, so that caches are made anew."""

SPLITS = {"FER2013Train": TRAINING, "FER2013Valid": PUBLIC_TEST, "FER2013Test": PRIVATE_TEST}


def is_ferplus_folder(root: Path) -> bool:
    """Whether a folder holds one of FER+'s three folders."""
    return any((root / name / "label.csv").is_file() for name in SPLITS)


def ferplus_files(root: Path) -> list[Path]:
    """The files of which such a data set consists."""
    return [file for name in SPLITS for file in sorted((root / name).glob("*")) if file.is_file()]


def read_ferplus_folders(root: Path) -> FaceSet:
    """Pictures with the votes of label.csv; `file` is below `root`. It has no FER2013 labels.

    These votes are not those of fer2013new.csv: some 1,600 rows differ, and some 170 are left out.

    Raises:
        MienError: pictures that are missing or unreadable, a broken label.csv.
    """
    return concatenate([_read(root, name) for name in SPLITS if (root / name / "label.csv").is_file()])


def _read(root: Path, name: str) -> FaceSet:
    table = root / name / "label.csv"
    names, votes = read_label_csv(table)
    paths = [root / name / picture for picture in names]
    missing = BrokenRows(table, "make the pictures with FER+'s generate_training_data.py, or load fer2013.csv")
    for row, path in enumerate(paths):
        if not path.is_file():
            missing.add(row, f"no picture {path.name} beside it", row + 1)
    missing.check()
    pixels = read_small(paths)
    if pixels is None:
        raise MienError(f"{table}: pictures of several sizes, or large ones: FER+'s are 48 x 48")
    return FaceSet(
        name="fer2013",
        pixels=pixels,
        targets={"ferplus": distribution(votes)},
        votes=votes,
        split=np.full(len(paths), SPLITS[name]),
        file=np.array([f"{name}/{picture}" for picture in names]),
    )
