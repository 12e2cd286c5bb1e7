"""A plain CSV of action units: a column of pictures, and a column for each unit.

`path,AU06,AU12,AU12_i` and so on: a unit's own column holds whether it occurs, one that ends in _i, _r, _int or
_intensity how strongly. `subject`, `group`, `split`, `emotion`, `valence` and `arousal` may stand beside them.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.cache import content_hash
from mien.datasets.concatenate import concatenate
from mien.datasets.csv_columns import Columns, read_columns
from mien.datasets.csv_header import Header, read_header
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013 import named_split
from mien.datasets.fer2013_splits import split_name, split_order
from mien.datasets.source import Source
from mien.datasets.unit_codes import CUTS, occurring, read_codes, within_intensities
from mien.datasets.unit_csv_labels import AFFECT_COLUMNS, EMOTION, read_affect, read_emotion
from mien.datasets.units import INTENSITY, OCCURRENCE
from mien.errors import MienError
from mien.labels import action_unit

VERSION = 1
"""Raised when the same files would be read into another FaceSet, so that caches are made anew."""

PATH = ("path", "image_path", "file")
SUBJECT, GROUP, SPLIT = ("subject",), ("group",), ("split", "usage")

_UNIT = re.compile(r"AU\s*(\d{1,2})(?:_(c|occ|i|r|int|intensity))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """Columns by unit."""

    occurrence: Mapping[str, int]
    intensity: Mapping[str, int]

    @property
    def units(self) -> list[str]:
        return sorted({*self.occurrence, *self.intensity})


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """A folder with such files in it, one for each split if there are several; else None."""
    tables = [path for path in root.glob("*.csv") if _header(path, units=True)]
    tables.sort(key=lambda path: (split_order(named_split(path) or ""), path.name))
    return _source_of(root, tables, readings) if tables else None


def source_of_file(path: Path, readings: Mapping[str, str]) -> Source | None:
    """One such file, whose paths start from its folder; else None.

    Raises:
        MienError: units without a column of pictures.
    """
    return _source_of(path.parent, [path], readings) if _header(path, units=False) else None


def _header(path: Path, *, units: bool) -> bool:
    """Whether a file has a column of pictures and labels, by its header.

    Args:
        units: units there must be; else an emotion, valence or arousal do as well.
    """
    try:
        header = read_header(path)
    except MienError:
        return False
    if header.find("pixels") is not None:
        return False
    place = _place(path, header)
    if header.find(*PATH) is None:
        if place.units and not units:
            raise MienError(f"{path}: action units, but no column of pictures: name one {' or '.join(PATH)}")
        return False
    other = header.find(EMOTION, *AFFECT_COLUMNS) is not None
    return bool(place.units or (other and not units))


def _place(path: Path, header: Header) -> _Place:
    place = _Place({}, {})
    for at, name in enumerate(header.names):
        found = _UNIT.fullmatch(name)
        if not found:
            continue
        unit, strong = action_unit(found[1]), (found[2] or "c").lower()[0] in "ir"
        held: dict[str, int] = dict(place.intensity if strong else place.occurrence)
        if unit in held:
            first = header.names[held[unit]]
            raise MienError(
                f"{path}: two columns of {unit}, {first} and {name}: leave one out, or add _i to intensities"
            )
        held[unit] = at
        place = _Place(place.occurrence, held) if strong else _Place(held, place.intensity)
    return place


def _source_of(root: Path, tables: Sequence[Path], readings: Mapping[str, str]) -> Source:
    """Which pictures are there decides which rows are, so that both go into the content."""
    cut = readings.get("cut", CUTS[0])
    there = {path: _there(root, path) for path in tables}
    content = hashlib.sha256()
    for path, rows in there.items():
        content.update(f"{content_hash(path, remember=False)} {named_split(path)}\n".encode() + rows.tobytes())
    return Source(
        f"unit csv {VERSION} {[path.stem for path in tables]} cut {cut}",
        partial(_read, there, float(cut)),
        content=content.hexdigest(),
        readings=("cut",),
    )


def _read(there: Mapping[Path, NDArray[np.bool_]], cut: float) -> FaceSet:
    gone = sum(int((~rows).sum()) for rows in there.values())
    if gone:
        _note(there, gone)
    return concatenate([_one(path, rows, cut) for path, rows in there.items()])


def _one(path: Path, there: NDArray[np.bool_], cut: float) -> FaceSet:
    """The rows of one file whose pictures are there."""
    header = read_header(path)
    place, table = _place(path, header), read_columns(path, header)
    targets, units = _codes(path, header, place, table, cut)
    at = header.find(EMOTION)
    if at is not None:
        targets[EMOTION] = read_emotion(path, table, at)
    for name in AFFECT_COLUMNS:
        at = header.find(name)
        if at is not None:
            targets[name] = read_affect(path, table, at, name)
    split = _words(header, table, *SPLIT)
    named = np.array([split_name(word) or word for word in split.tolist()])
    files = _paths(path, header, table)
    faces = FaceSet(
        name=path.stem,
        paths=files,
        targets=targets,
        action_units=tuple(units),
        split=named if (split != "").any() else np.full(len(files), named_split(path) or ""),
        file=files,
        subject=_words(header, table, *SUBJECT),
        group=_words(header, table, *GROUP),
    )
    return faces.select(there)


def _codes(
    path: Path, header: Header, place: _Place, table: Columns, cut: float
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Occurrence and intensity over the units; a unit with intensities alone occurs from `cut` on."""
    units = place.units
    occurrence, intensity = (np.full((len(table), len(units)), np.nan, np.float32) for _ in range(2))
    for column, unit in enumerate(units):
        if unit in place.intensity:
            at = place.intensity[unit]
            broken = BrokenRows(path)
            intensity[:, column] = read_codes(table.cells[at], table.lines, header.names[at], broken, intensity=True)
            broken.check()
            occurrence[:, column] = occurring(intensity[:, column], cut)
        if unit in place.occurrence:
            at = place.occurrence[unit]
            broken = BrokenRows(path)
            if within_intensities(table.cells[at]):
                broken.remedy = f"if these are intensities, name the column {unit}_i"
            occurrence[:, column] = read_codes(table.cells[at], table.lines, header.names[at], broken)
            broken.check()
    targets = {OCCURRENCE: occurrence} if units else {}
    return targets | ({INTENSITY: intensity} if place.intensity else {}), units


def _words(header: Header, table: Columns, *names: str) -> NDArray[np.str_]:
    at = header.find(*names)
    return np.full(len(table), "", "U1") if at is None else np.array(table.cells[at], np.str_)


def _paths(path: Path, header: Header, table: Columns) -> NDArray[np.str_]:
    """(n,) paths as they stand, with /.

    Raises:
        MienError: blanks, or numbers, as where columns were swapped.
    """
    at = header.find(*PATH)
    assert at is not None  # by `_header`
    broken = BrokenRows(path)
    for row, (text, line) in enumerate(zip(table.cells[at], table.lines, strict=True)):
        if not text:
            broken.add(row, f"{header.names[at]} is blank", line)
        elif _is_number(text):
            what = f"{header.names[at]} is {text}, a number: do its columns stand in the order of the header?"
            broken.add(row, what, line)
    broken.check()
    return np.array([text.replace("\\", "/") for text in table.cells[at]], np.str_)


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


def _there(root: Path, path: Path) -> NDArray[np.bool_]:
    """(n,) rows whose picture is there; each folder is listed once, for rows are many and folders few.

    Raises:
        MienError: none is there.
    """
    header = read_header(path)
    names = _paths(path, header, read_columns(path, header))
    listed: dict[str, set[str]] = defaultdict(set)
    parts = [(folder or ".", name) for folder, _, name in (text.rpartition("/") for text in names.tolist())]
    for folder in {folder for folder, _ in parts}:
        try:
            listed[folder] = set(os.listdir(root / folder))  # noqa: PTH208  # names alone; a Path each is slow
        except (OSError, ValueError):
            continue
    there = np.array([name in listed[folder] for folder, name in parts], np.bool_)
    if not there.any():
        raise MienError(f"{path}: no picture is there of {len(there):,}, such as {root / names[0]}: mend the paths")
    return there


def _note(there: Mapping[Path, NDArray[np.bool_]], gone: int) -> None:
    table, rows = next((path, rows) for path, rows in there.items() if not rows.all())
    n, row = sum(map(len, there.values())), int(np.flatnonzero(~rows)[0])
    sys.stderr.write(
        f"mien: note: {gone:,} of {n:,} rows left out whose picture is not there, the first of them row {row} of"
        f" {table}\n"
    )
