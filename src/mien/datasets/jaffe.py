"""JAFFE: ten women, seven posed expressions, told by the pictures' names (`KA.AN1.39.tiff`)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import read_header
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013 import named_split
from mien.datasets.fer2013_splits import split_order
from mien.datasets.folders import read_small
from mien.datasets.listing import pictures_below, some_pictures
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import EMOTIONS, JAFFE_CODES, SEVEN, emotion_index, from_code

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

SUBJECTS = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")

_NAME = re.compile(rf"({'|'.join(SUBJECTS)})[._-]({'|'.join(JAFFE_CODES)})\d?[._-]\d+", re.IGNORECASE)


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """JAFFE in any re-pack that keeps its names, or a folder of CSV files (`filepath,emotions`); else None."""
    tables = sorted(path for path in root.glob("*.csv") if is_jaffe_table(path))
    if not tables and not any(told_by_name(path) for path in some_pictures(root)):
        return None
    pictures = pictures_below(root)
    reader = f"jaffe {VERSION}"
    return Source(reader, lambda: _read(root, pictures, tables), [*pictures, *tables])


def told_by_name(path: Path) -> tuple[str, str] | None:
    """The woman and her emotion, as in ("KA", "anger"), or None for a name that is not JAFFE's."""
    found = _NAME.match(path.name)
    return (found[1].upper(), JAFFE_CODES[found[2].upper()]) if found else None


def is_jaffe_table(path: Path) -> bool:
    """Whether a CSV file lists pictures and FER2013 codes as the published JAFFE splits do."""
    try:
        header = read_header(path)
    except MienError:
        return False
    return header.find("filepath") is not None and header.find("emotions") is not None


def _read(root: Path, pictures: list[Path], tables: list[Path]) -> FaceSet:
    """Every picture; those that a table names are in its split.

    Raises:
        MienError: a picture whose name says nothing, that stands there twice or is not there, or whose name and
            table disagree.
    """
    split, labels = _splits(root, pictures, tables)
    rows = sorted(pictures, key=lambda p: (split_order(split[p]) if split.get(p) else -1, p.name.upper()))
    people, index = [], []
    seen: dict[str, Path] = {}
    for path in rows:
        told = told_by_name(path)
        if told is None and path not in labels:
            raise MienError(f"{path}: not a name of JAFFE's, as KA.AN1.39.tiff is: rename or remove it")
        if told and (twin := seen.setdefault(path.stem.upper(), path)) is not path:
            raise MienError(f"{path}: the same picture as {twin}: keep one of them")
        people.append(told[0] if told else "")
        index.append(emotion_index(told[1]) if told else labels[path])
    files = np.array([p.relative_to(root).as_posix() for p in rows])
    pixels = read_small(rows)
    return FaceSet(
        name="jaffe",
        pixels=pixels,
        paths=files if pixels is None else None,
        targets={"jaffe": one_hot(np.array(index, np.int64), SEVEN)},
        split=np.array([split.get(p, "") for p in rows]),
        subject=np.array(people),
        file=files,
    )


def _splits(root: Path, pictures: list[Path], tables: list[Path]) -> tuple[dict[Path, str], dict[Path, int]]:
    """Each listed picture's split and the position of its emotion."""
    by_name: dict[str, list[Path]] = {}
    for path in pictures:
        by_name.setdefault(path.name.lower(), []).append(path)
    split: dict[Path, str] = {}
    labels: dict[Path, int] = {}
    for table in tables:
        broken = BrokenRows(table, "mend such rows, or give JAFFE's own files without this table")
        header = read_header(table)
        place = {name: header.find(name) for name in ("filepath", "emotions")}
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=header.delimiter)
            next(reader, None)
            for row, values in enumerate(filter(any, reader)):
                try:
                    told = {name: values[at].strip() for name, at in place.items() if at is not None}
                    path = _named(told["filepath"], root, by_name)
                    index = EMOTIONS.index(from_code("fer2013", int(told["emotions"])))
                    by_code = told_by_name(path)
                    if by_code and emotion_index(by_code[1]) != index:
                        raise MienError(f"{EMOTIONS[index]} for {path.name}, whose name says {by_code[1]}")
                    if path in split:
                        raise MienError(f"{path.name} stands in two tables, or twice in one")
                    split[path], labels[path] = named_split(table) or "", index
                except (MienError, ValueError, IndexError) as error:
                    broken.add(row, str(error), reader.line_num)
        broken.check()
    return split, labels


def _named(filepath: str, root: Path, by_name: Mapping[str, list[Path]]) -> Path:
    """The picture in the folder that a table's path means: tables were written on other machines."""
    name = re.split(r"[/\\]", filepath)[-1].lower()
    found = by_name.get(name, [])
    if len(found) > 1:
        found = [p for p in found if p.relative_to(root).as_posix().lower() in filepath.replace("\\", "/").lower()]
    if len(found) != 1:
        raise MienError(f"{'no' if not found else 'several'} pictures {filepath!r} in {root}")
    return found[0]
