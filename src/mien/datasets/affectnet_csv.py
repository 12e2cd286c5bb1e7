"""AffectNet's first release: tables of paths, boxes, emotions, valence and arousal beside folders of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.datasets.affectnet import AUTOMATIC, affectnet
from mien.datasets.broken_rows import BrokenRows
from mien.datasets.concatenate import concatenate
from mien.datasets.csv_header import Header, read_header
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import CODES

if TYPE_CHECKING:
    import pandas as pd

VERSION = 1
"""Raised when the same files would be read into another FaceSet, so that caches are made anew."""

PATH = "subDirectory_filePath"
_BOX = ("face_x", "face_y", "face_width", "face_height")
_NUMBERS = (*_BOX, "expression", "valence", "arousal")

_MANUAL = ("Manually_Annotated_Images", "Manually_Annotated/Manually_Annotated_Images", "Manually_Annotated")
_AUTOMATIC = tuple(name.replace("Manually", "Automatically") for name in _MANUAL)


def is_affectnet(header: Header) -> bool:
    """Whether a CSV file with this header is one of AffectNet's."""
    return all(header.find(name.lower()) is not None for name in (PATH, *_NUMBERS))


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """A folder with AffectNet's training.csv, validation.csv or automatically_annotated.csv in it; else None."""
    tables = [path for path in sorted({*root.glob("*.csv"), *root.glob("*file_lists/*.csv")}) if _is_table(path)]
    return source_of(root, tables) if tables else None


def source_of(root: Path, tables: list[Path]) -> Source:
    """Some of AffectNet's tables; their pictures lie below `root`.

    The tables' content decides what is read: the pictures are too many to be hashed.
    """
    ordered = sorted(tables, key=lambda path: ((TRAINING, VALIDATION, AUTOMATIC).index(split_of(path)), path.name))
    places = {path: _pictures(root, path) for path in ordered}
    reader = f"affectnet csv {VERSION} {list(places.values())}"
    return Source(reader, lambda: concatenate([_read(path, below) for path, below in places.items()]), ordered)


def split_of(table: Path) -> str:
    """A table's split, by its name: training.csv, Manually_validation.csv, automatically_annotated.csv."""
    name = table.stem.lower()
    return AUTOMATIC if "automatic" in name else VALIDATION if "val" in name else TRAINING


def pictures_root(table: Path) -> Path:
    """The folder that a table by itself belongs to."""
    return table.parent.parent if table.parent.name.endswith("file_lists") else table.parent


def _is_table(path: Path) -> bool:
    try:
        return is_affectnet(read_header(path))
    except MienError:
        return False


def _read(path: Path, below: str) -> FaceSet:
    import pandas as pd

    header = read_header(path)
    names = {name.lower(): name for name in header.names}
    columns = {names[name.lower()]: name for name in (PATH, *_NUMBERS)}
    # the landmarks, nine tenths of the file, are passed over; a row that is cut off has empty fields at its end
    table = pd.read_csv(
        path, sep=header.delimiter, usecols=list(columns), names=list(header.names), header=None, skiprows=1,
        na_values=["NULL"], low_memory=False, encoding="utf-8-sig",
    ).rename(columns=columns)  # fmt: skip
    for name in _NUMBERS:
        table[name] = pd.to_numeric(table[name], errors="coerce")
    _check(path, table)
    files = (below + table[PATH].astype(str)).to_numpy(np.str_)
    x, y, width, height = (table[name].to_numpy(np.float32) for name in _BOX)
    return affectnet(
        files,
        np.full(len(table), split_of(path)),
        table["expression"].to_numpy(np.int64),
        table[["valence", "arousal"]].to_numpy(np.float32),
        np.stack([x, y, x + width, y + height], axis=1),  # face_x counts columns, face_y rows
    )


def _check(path: Path, table: pd.DataFrame) -> None:
    """Raise MienError for rows without path, emotion, valence or arousal."""
    broken = BrokenRows(path)
    codes: Any = CODES["affectnet"]
    faults = {
        "no path": table[PATH].isna(),
        f"expression is no number from {min(codes)} to {max(codes)}": ~table["expression"].isin(list(codes)),
        "valence or arousal is no number": table[["valence", "arousal"]].isna().any(axis=1),
    }
    for what, rows in faults.items():
        for row in np.flatnonzero(rows.to_numpy()).tolist():
            broken.add(row, what, row + 2)
    broken.check()


def _pictures(root: Path, table: Path) -> str:
    """The folder of pictures, below `root` and with a / at its end, that a table's paths start from."""
    import pandas as pd

    header = read_header(table)
    try:
        start = pd.read_csv(table, sep=header.delimiter, nrows=1, header=None, skiprows=1, dtype=str, encoding="utf-8")
    except pd.errors.EmptyDataError as error:
        raise MienError(f"{table}: a header and no rows: get the file again") from error
    first = str(start.iloc[0, header.find(PATH.lower())])  # type: ignore[index]
    names = _AUTOMATIC if split_of(table) == AUTOMATIC else _MANUAL
    for name in (*names, "."):
        if (root / name / first).parent.is_dir():
            return "" if name == "." else f"{name}/"
    raise MienError(f"{table}: no folder {names[0]} with {first} in {root}: unpack the pictures there")
