"""CK+48: the last three frames of CK+'s labelled sequences, 48 x 48 grey, in folders by emotion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.folders import read_small
from mien.datasets.listing import pictures_below, some_pictures
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index, from_code

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

_NAME = re.compile(r"(S\d{3})_(\d{3})_\d{8}\.\w+", re.IGNORECASE)


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """CK+48 in folders named by emotion or by its common codes 0..6 (`anger/S010_004_00000019.png`); else None."""
    first = some_pictures(root)
    if not first or not all(person_and_sequence(path.name) for path in first):
        return None
    pictures = pictures_below(root)
    return Source(f"ck48 {VERSION}", lambda: _read(root, pictures), pictures)


def person_and_sequence(name: str) -> tuple[str, str] | None:
    """`S010_004_00000019.png` -> ("S010", "S010_004"); None for a name that is not CK+'s."""
    found = _NAME.fullmatch(name)
    return (found[1].upper(), f"{found[1]}_{found[2]}".upper()) if found else None


def _read(root: Path, pictures: list[Path]) -> FaceSet:
    rows = []
    for path in pictures:
        told = person_and_sequence(path.name)
        if told is None:
            raise MienError(f"{path}: not a name of CK+'s, as S010_004_00000019.png is: rename or remove it")
        rows.append((_emotion(path), path, *told))
    rows.sort(key=lambda row: (row[0], row[1].name))
    index = np.array([row[0] for row in rows], np.int64)
    shown = tuple(e for i, e in enumerate(EMOTIONS) if e != "neutral" or (index == i).any())
    files = np.array([row[1].relative_to(root).as_posix() for row in rows])
    pixels = read_small([row[1] for row in rows])
    return FaceSet(
        name="ckplus",
        pixels=pixels,
        paths=files if pixels is None else None,
        targets={"ckplus": one_hot(index, shown)},
        subject=np.array([row[2] for row in rows]),
        group=np.array([row[3] for row in rows]),
        file=files,
    )


def _emotion(path: Path) -> int:
    folder = path.parent.name
    try:
        return emotion_index(from_code("ck48", int(folder)) if folder.isascii() and folder.isdecimal() else folder)
    except MienError as error:
        raise MienError(f"{path}: its folder names no emotion ({error}): give CK+48's folders by emotion") from error
