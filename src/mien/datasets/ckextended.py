"""ckextended.csv: CK+'s peak frames, and a neutral frame of every sequence, in a file laid out as FER2013's.

Its codes are FER2013's with 7 for contempt. A column of numbers cannot tell that, but their counts do: they are
those of CK+'s labelled sequences by emotion, each different, and only such a file is taken for it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import Header, read_header
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013 import SIDE
from mien.datasets.fer2013_splits import split_name
from mien.datasets.pixel_text import parse_pixels
from mien.labels import EMOTIONS

VERSION = 1
"""Raised when the same file would be read into another FaceSet, so that caches are made anew."""

COUNTS = (45, 59, 25, 69, 28, 83, 593, 18)
"""Rows by code, which is the position in `labels.EMOTIONS`: sequences by emotion, and all of them as neutral."""

_LARGEST = sum(COUNTS) * (4 * SIDE * SIDE + 64)  # bytes: such a file is no larger, FER2013 is thirty times that


def is_ckextended(path: Path, header: Header) -> bool:
    """Whether a CSV file of FER2013's layout is ckextended.csv, whole."""
    place = header.find("emotion")
    if place is None or header.find("usage") is None or path.stat().st_size > _LARGEST:
        return False
    with path.open("rb") as file:
        next(file)
        codes = [line.split(header.delimiter.encode())[place].strip() for line in file if line.strip()]
    return all(codes.count(b"%d" % code) == count for code, count in enumerate(COUNTS)) and len(codes) == sum(COUNTS)


def read_ckextended(path: Path) -> FaceSet:
    """The file as a FaceSet named ckplus; it names no subjects, so that no honest protocol can cut it.

    Raises:
        MienError: broken rows, the first one named and the others counted.
    """
    header = read_header(path)
    place = {name: header.find(name) for name in ("emotion", "pixels", "usage")}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, delimiter=header.delimiter)
        next(reader)
        rows = [row for row in reader if row]
    code, text, usage = ([row[at] for row in rows] for at in place.values() if at is not None)
    pixels, faults = parse_pixels([words.encode() for words in text], SIDE * SIDE)
    broken = BrokenRows(path)
    for row, what in faults.items():
        broken.add(row, what, row + 2)
    split = [split_name(word) for word in usage]
    for row, name in enumerate(split):
        if name is None:
            broken.add(row, f"unknown Usage {usage[row]!r}", row + 2)
    broken.check()
    return FaceSet(
        name="ckplus",
        pixels=pixels.reshape(-1, SIDE, SIDE),
        targets={"ckplus": one_hot(np.array(code, np.int64), EMOTIONS)},
        split=np.array([name or "" for name in split]),
    )
