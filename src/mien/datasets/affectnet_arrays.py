"""AffectNet's later release: train_set and val_set, each images/<id>.jpg and annotations/<id>_exp.npy and others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from mien.datasets.affectnet import UNSAID, affectnet
from mien.datasets.broken_rows import BrokenRows
from mien.datasets.decode import in_threads
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.datasets.listing import Listing, listed
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import CODES

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

SPLITS: Mapping[str, str] = {"train_set": TRAINING, "val_set": VALIDATION}


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """Such a folder, or None.

    Names, sizes and times of the annotations and names of the pictures stand for its content, for there are over a
    million files.
    """
    if not any((root / name / "annotations").is_dir() for name in SPLITS):
        return None
    pictures = listed(root, *(f"{name}/images" for name in SPLITS))
    told = listed(root, *(f"{name}/annotations" for name in SPLITS), suffixes=frozenset({".npy"}))
    if not pictures.names:
        raise MienError(f"{root}: no pictures in train_set/images or val_set/images: unpack them there")
    reader = f"affectnet arrays {VERSION} {pictures.hash()}"
    return Source(reader, lambda: _read(root, pictures, set(told.names)), content=told.hash(times=True))


def _read(root: Path, pictures: Listing, told: set[str]) -> FaceSet:
    broken = BrokenRows(root, "get such annotations again, or remove the picture")

    def numbers(name: str) -> list[float] | str:
        folder, _, file = name.partition("/images/")
        stem = f"{folder}/annotations/{file.rpartition('.')[0]}"
        try:
            # a picture without valence or arousal is kept for its emotion
            return [
                number(root / path) if (path := f"{stem}_{what}.npy") in told or what == "exp" else UNSAID
                for what in ("exp", "val", "aro")
            ]
        except (OSError, ValueError) as error:
            return f"{stem}_exp.npy and the like: {error}"

    values = np.zeros((len(pictures.names), 3))
    for row, found in enumerate(in_threads(numbers, pictures.names)):
        if isinstance(found, str):
            broken.add(row, found)
        elif found[0] not in CODES["affectnet"]:
            broken.add(row, f"{pictures.names[row]}: emotion {found[0]:g}, expected a number from 0 to 10")
        else:
            values[row] = found
    broken.check()
    split = np.array([SPLITS[name.partition("/")[0]] for name in pictures.names])
    return affectnet(np.array(pictures.names), split, values[:, 0].astype(np.int64), values[:, 1:].astype(np.float32))


def number(path: Path) -> float:
    """The one number, or its text, that an .npy file holds.

    numpy's own reader takes ten times as long, and there are near a million such files.
    """
    data = path.read_bytes()
    start = 10 + int.from_bytes(data[8:10], "little")
    if data[:8] != b"\x93NUMPY\x01\x00" or len(data) < start:
        raise ValueError("not an .npy file of version 1.0")
    return float(np.frombuffer(data, _type(data[8:start]), 1, start)[0])


@lru_cache(maxsize=256)
def _type(header: bytes) -> np.dtype[Any]:
    """What a header says of the numbers behind it."""
    kind = np.lib.format.read_array_header_1_0(BytesIO(header))[2]
    if kind.hasobject:
        raise ValueError("pickled objects, not a number")
    return kind
