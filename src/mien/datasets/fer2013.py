"""FER2013 as CSV, in all the forms in which people have it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import Header, read_header
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013_splits import TEST, TRAINING, recognise, split_name
from mien.datasets.pixel_text import parse_pixels
from mien.errors import MienError
from mien.labels import SEVEN, emotion_index, from_code

VERSION = 1
"""Raised when the same file would be read into another FaceSet, so that caches are made anew."""

SIDE = 48
"""Height and width of a face in pixels; its 2,304 numbers stand row by row from the top left."""

_PIXELS, _EMOTION, _USAGE = ("pixels",), ("emotion", "label"), ("usage", "split")
_BATCH = 128  # rows parsed at a time, about a megabyte of text


def has_pixels(header: Header) -> bool:
    """Whether a CSV file with this header is FER2013, whole or in part."""
    return header.find(*_PIXELS) is not None


def is_whole(header: Header) -> bool:
    """Whether such a file names each row's emotion and split itself."""
    return header.find(*_EMOTION) is not None and header.find(*_USAGE) is not None


def read_csv(path: Path) -> FaceSet:
    """A CSV file with a column `pixels`, and as a rule `emotion` (0..6, or a word) and `Usage`.

    Columns stand in any order, with or without blanks around their names: `fer2013.csv`,
    `icml_face_data.csv`, the challenge's `train.csv` and `test.csv`, and files of one split each.
    Without `Usage`, rows with labels are the split whose label counts they have; failing that, the one in
    the file's name (`val.csv`: Validation); failing that, Training. Rows without labels, as in the
    challenge's `test.csv` which holds PublicTest and PrivateTest, are "Test" and their targets NaN.

    Raises:
        MienError: columns missing; broken rows, the first one named and the others counted.
    """
    header = read_header(path)
    if not has_pixels(header):
        raise MienError(f"{path}: no column pixels among {', '.join(header.names)}: not FER2013")
    pixels, index, split = _Reader(path, header).read()
    if header.find(*_USAGE) is None:
        labelled = header.find(*_EMOTION) is not None
        split = np.full(len(index), (named_split(path) or TRAINING) if labelled else TEST)
    return FaceSet(
        name="fer2013",
        pixels=pixels.reshape(-1, SIDE, SIDE),
        targets={"fer2013": one_hot(index, SEVEN)},
        split=recognise(split, index),
    )


def named_split(path: Path) -> str | None:
    """The split that stands in a file's name, as in `val.csv` or `fer2013_test.csv`."""
    words = [split_name(word) for word in re.findall(r"[A-Za-z]+", path.stem)]
    return next((word for word in reversed(words) if word), None)


class _Reader:
    """Goes through the file once, a batch of rows at a time."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.delimiter = header.delimiter
        self.width = len(header.names)
        pixels = header.find(*_PIXELS)
        assert pixels is not None
        self.pixels: int = pixels
        self.emotion = header.find(*_EMOTION)
        self.usage = header.find(*_USAGE)
        self.broken = BrokenRows(path)
        self.cut_off = False  # the line being read has no end

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]:
        """(n, 2304) pixels, (n,) positions in EMOTIONS or -1, (n,) splits or ""."""
        batches: list[NDArray[np.uint8]] = []
        index: list[int] = []
        split: list[str] = []
        texts: list[bytes] = []
        lines: list[int] = []  # line numbers of `texts`
        row = 0
        for line_number, line in self._lines():
            lines.append(line_number)
            texts.append(self._row(row, line_number, line, index, split))
            row += 1
            if len(texts) == _BATCH:
                batches.append(self._parse(texts, lines, row - len(texts)))
                texts.clear()
                lines.clear()
        if not row:
            raise MienError(f"{self.path}: a header and no rows: get the file again")
        batches.append(self._parse(texts, lines, row - len(texts)))
        self.broken.check()
        return np.concatenate(batches), np.array(index, np.int64), np.array(split)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Lines that hold a row, numbered as an editor numbers them."""
        with self.path.open("rb") as file:
            file.readline()
            for number, line in enumerate(file, 2):
                self.cut_off = not line.endswith(b"\n")
                if stripped := line.strip():
                    yield number, stripped

    def _row(self, row: int, number: int, line: bytes, index: list[int], split: list[str]) -> bytes:
        """The row's pixel text; its label and split are appended, whatever is wrong with it is noted."""
        index.append(-1)
        split.append("")
        try:
            fields = self._fields(line)
        except (csv.Error, UnicodeDecodeError) as error:
            self._fault(row, number, f"no CSV ({error})")
            return b""
        if len(fields) != self.width:
            count = f"{len(fields)} field{'s' if len(fields) != 1 else ''}"
            self._fault(row, number, f"{count}, expected {self.width}")
            return b""
        try:
            if self.emotion is not None:
                index[-1] = _emotion_index(fields[self.emotion])
            if self.usage is not None:
                split[-1] = _split(fields[self.usage])
        except MienError as error:
            self._fault(row, number, str(error))
        return fields[self.pixels]

    def _fields(self, line: bytes) -> list[bytes]:
        if b'"' not in line:
            return line.split(self.delimiter.encode())
        text = next(csv.reader([line.decode("utf-8")], delimiter=self.delimiter, strict=True))
        return [field.encode() for field in text]

    def _parse(self, texts: list[bytes], lines: list[int], first: int) -> NDArray[np.uint8]:
        pixels, faults = parse_pixels(texts, SIDE * SIDE)
        for position, what in faults.items():
            # a row without pixel text has been named for another reason already
            if texts[position] or first + position not in self.broken:
                cut = self.cut_off and position == len(texts) - 1
                self._fault(first + position, lines[position], what, cut=cut)
        return pixels

    def _fault(self, row: int, line: int, what: str, *, cut: bool | None = None) -> None:
        cut = self.cut_off if cut is None else cut
        self.broken.add(row, what + (", and the file ends within this row" if cut else ""), line)


@lru_cache(maxsize=256)
def _emotion_index(field: bytes) -> int:
    """Position in SEVEN of a CSV code or word."""
    word = field.decode("utf-8", "replace").strip()
    if not word:
        raise MienError("no emotion")
    number = word.removeprefix("-")
    name = from_code("fer2013", int(word)) if number.isascii() and number.isdigit() else word
    index = emotion_index(name)
    if index >= len(SEVEN):
        raise MienError(f"unknown emotion {word!r} for fer2013: one of {', '.join(SEVEN)}")
    return index


@lru_cache(maxsize=256)
def _split(field: bytes) -> str:
    word = field.decode("utf-8", "replace").strip()
    name = split_name(word)
    if name is None:
        raise MienError(f"unknown Usage {word!r}, expected Training, PublicTest or PrivateTest")
    return name
