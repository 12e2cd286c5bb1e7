"""RAF-DB's basic emotions: as handed out (basic/EmoLabel, basic/Image/aligned), and Kaggle's re-pack of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import read_header
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013_splits import TEST, TRAINING
from mien.datasets.folders import read_small
from mien.datasets.listing import is_picture
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import CODES, SEVEN, emotion_index, from_code

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

LIST = "list_patition_label.txt"  # the published file is spelt so
SPLITS: Mapping[str, str] = {"train": TRAINING, "test": TEST}

_Rows = list[tuple[str, int, Path]]  # split, code, picture


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """RAF-DB in one of its two layouts, or None."""
    for basic in (root / "basic", root):
        table = basic / "EmoLabel" / LIST
        if table.is_file():
            rows = _listed(table, basic / "Image" / "aligned")
            return Source(f"rafdb {VERSION}", partial(_read, root, rows), [table, *(p for _, _, p in rows)])
    for place in (root / "DATASET", root):
        if _is_repack(place):
            rows, tables = _in_folders(root, place)
            return Source(f"rafdb {VERSION}", partial(_read, root, rows), [*tables, *(p for _, _, p in rows)])
    return None


def _read(root: Path, rows: _Rows) -> FaceSet:
    files = np.array([path.relative_to(root).as_posix() for _, _, path in rows])
    index = np.array([emotion_index(from_code("rafdb", code)) for _, code, _ in rows], np.int64)
    pixels = read_small([path for _, _, path in rows])
    return FaceSet(
        name="rafdb",
        pixels=pixels,
        paths=files if pixels is None else None,
        targets={"rafdb": one_hot(index, SEVEN)},
        split=np.array([split for split, _, _ in rows]),
        file=files,
    )


def _listed(table: Path, pictures: Path) -> _Rows:
    """The rows of `train_00001.jpg 5`, with their aligned pictures."""
    if not pictures.is_dir():
        raise MienError(f"{table}: no folder {pictures} with its pictures: unpack aligned.zip there")
    there = {path.name for path in pictures.iterdir()}
    broken = BrokenRows(table)
    rows: _Rows = []
    for row, line in enumerate(filter(None, map(str.strip, table.read_text("utf-8-sig").splitlines()))):
        name, _, code = line.partition(" ")
        stem, dot, ending = name.rpartition(".")
        split = SPLITS.get(name.split("_")[0])
        found = next((n for n in (f"{stem}_aligned{dot}{ending}", name) if n in there), None)
        if split is None or not code.strip().isdecimal() or int(code) not in CODES["rafdb"]:
            broken.add(row, f"{line[:40]!r} is no picture and number, as train_00001.jpg 5 is", row + 1)
        elif found is None:
            broken.add(row, f"no picture {stem}_aligned{dot}{ending} in {pictures}", row + 1)
        else:
            rows.append((split, int(code), pictures / found))
    broken.check()
    return rows


def _is_repack(place: Path) -> bool:
    """Whether `train` holds folders 1..7 and either the table or the names say that these are RAF-DB's."""
    train = place / "train"
    if not train.is_dir() or {p.name for p in train.iterdir() if p.is_dir()} != {str(code) for code in CODES["rafdb"]}:
        return False
    return _table(place, "train") is not None or any((train / "1").glob("train_*_aligned.*"))


def _table(place: Path, split: str) -> Path | None:
    name = f"{split}_labels.csv"
    return next((p for p in (place / name, place.parent / name) if p.is_file()), None)


def _in_folders(root: Path, place: Path) -> tuple[_Rows, list[Path]]:
    """Pictures in train/1 ... test/7, and the tables that must agree with their folders."""
    rows: _Rows = []
    tables = []
    for word, split in SPLITS.items():
        here = [
            (split, code, path)
            for code in CODES["rafdb"]
            for path in sorted((place / word / str(code)).glob("*"))
            if is_picture(path.name)
        ]
        rows += here
        # above the folder that was given stands nothing of this set
        table = _table(place, word)
        if table is not None and table.is_relative_to(root):
            _check(table, {path.name: code for _, code, path in here})
            tables.append(table)
    if not rows:
        raise MienError(f"{place}: no pictures in train/1 ... test/7: unpack the archive again")
    return sorted(rows, key=lambda row: (row[0] == TEST, row[2].name)), tables


def _check(table: Path, folder: Mapping[str, int]) -> None:
    """Raise MienError where a table names a picture that is not there, or another emotion than its folder."""
    header = read_header(table)
    image, label = header.find("image"), header.find("label")
    if image is None or label is None:
        raise MienError(f"{table}: no columns image and label: get the file again")
    broken = BrokenRows(table, "get the set again")
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, delimiter=header.delimiter)
        next(reader, None)
        for row, values in enumerate(filter(any, reader)):
            name, code = values[image].strip(), values[label].strip()
            if name not in folder:
                broken.add(row, f"no picture {name} in the folders beside it", reader.line_num)
            elif code != str(folder[name]):
                broken.add(row, f"{name} is {code}, but stands in folder {folder[name]}", reader.line_num)
    broken.check()
