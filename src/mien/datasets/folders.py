"""Pictures in folders named by class: SPLIT/CLASS/* or CLASS/*."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.decode import decode, in_threads, size_of, stack
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import split_name, split_order
from mien.datasets.scheme import labelled
from mien.errors import MienError
from mien.images.kind import SUFFIXES
from mien.labels import EMOTIONS, emotion

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

SMALL = 128
"""Pictures of one size with sides of at most so many pixels are held in memory, others by path."""

MOST_BYTES = 4 << 30
"""Small pictures that would take more than this are held by path too."""

_IN_NAME = re.compile(r"(Training|PublicTest|PrivateTest)[_-]")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file, its split, and the position of its emotion in EMOTIONS (-1 for none)."""

    path: Path
    split: str
    index: int


def is_class_folder(root: Path) -> bool:
    """Whether a folder holds folders named by emotions, or by splits with folders in them."""
    for folder in _subfolders(root):
        if _emotion(folder.name) is not None:
            return True
        if split_name(folder.name) and any(True for _ in _subfolders(folder)):
            return True
    return False


def find_pictures(root: Path) -> list[Picture]:
    """The pictures of a folder, by split, emotion and name.

    Class folders go by their names in any spelling, never by their alphabetical number. The split is the
    one in a file's name (`PrivateTest_123.jpg`), or else its folder's. Files that are no pictures by
    their ending, and whatever begins with a dot, are passed over.

    Raises:
        MienError: a folder whose name is no emotion, or no pictures at all.
    """
    found: list[Picture] = []
    for folder in _subfolders(root):
        split = split_name(folder.name)
        if split is None:
            found.extend(_of_class(folder, ""))
        else:
            for inner in _subfolders(folder):
                found.extend(_of_class(inner, split))
    if not found:
        raise MienError(f"{root}: no pictures in its class folders: give SPLIT/CLASS/* or CLASS/*")
    return sorted(found, key=lambda p: (split_order(p.split), p.index, p.path.as_posix()))


def read_folders(root: Path, pictures: Sequence[Picture]) -> FaceSet:
    """A FaceSet of these pictures; `file`, and `paths` where they are not held in memory, are below `root`.

    Raises:
        MienError: unreadable pictures, the first one named and the others counted.
    """
    files = np.array([p.path.relative_to(root).as_posix() for p in pictures])
    index = np.array([p.index for p in pictures], np.int64)
    split = np.array([p.split for p in pictures])
    pixels = read_small([p.path for p in pictures])
    faces = labelled(root.resolve().name, files if pixels is None else pixels, index, split)
    return faces.replace(file=files)


def read_small(paths: Sequence[Path]) -> NDArray[np.uint8] | None:
    """(n, h, w) or (n, h, w, 3) pixels, or None where pictures are large or differ in size.

    Every picture is decoded or, where one is large, at least opened.

    Raises:
        MienError: unreadable pictures, the first one named and the others counted.
    """

    def attempt(path: Path) -> NDArray[np.uint8] | tuple[int, int] | str:
        try:
            data = path.read_bytes()
            size = size_of(data)
            return decode(data) if max(size) <= SMALL and fits else size
        except MienError as error:
            return str(error)
        except OSError as error:
            return error.strerror or str(error)

    fits = len(paths) * 3 * SMALL * SMALL <= MOST_BYTES
    found = in_threads(attempt, paths)
    faults = [(path, what) for path, what in zip(paths, found, strict=True) if isinstance(what, str)]
    if faults:
        more = f"; {len(faults) - 1} more unreadable" if len(faults) > 1 else ""
        raise MienError(f"{faults[0][0]}: {faults[0][1]}{more}: remove or replace such pictures")
    pictures = [p for p in found if isinstance(p, np.ndarray)]
    if len(pictures) < len(found) or len({p.shape[:2] for p in pictures}) > 1:
        return None
    return stack(pictures)


def _of_class(folder: Path, split: str) -> Iterator[Picture]:
    name = _emotion(folder.name)
    if name is None:
        raise MienError(
            f"{folder}: {folder.name!r} names no emotion: rename or remove it (one of {', '.join(EMOTIONS)})"
        )
    index = EMOTIONS.index(name) if name in EMOTIONS else -1  # unknown and not a face: kept, unlabelled
    for where, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith((".", "__"))]
        for file in files:
            if not file.startswith(".") and Path(file).suffix.lower() in SUFFIXES:
                told = _IN_NAME.match(file)
                yield Picture(Path(where, file), told[1] if told else split, index)


def _emotion(name: str) -> str | None:
    for spelling in (name, name.replace("_", " ")):
        with suppress(MienError):
            return emotion(spelling)
    return None


def _subfolders(root: Path) -> list[Path]:
    """Folders in a folder, sorted, without hidden ones and archivers' leftovers such as __MACOSX."""
    return sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith((".", "__")))
