"""Index files: a CSV that names rows of data sets, so that cuts and balanced sets are no copies of pictures.

Columns: `source` (the data set, relative to the index's folder or absolute, or `synthetic:...`), `row` (from 0 in
that set's own order), `split`, and where there is something to say `fold`, `weight`, `ferplus` (the votes joined to
the source) and `content` (what the source held when the index was written: the first digits of its sha256, and
after a + those of the votes). A row may be named more than once.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import read_header
from mien.errors import MienError
from mien.whole_file import whole_file

NEEDED = ("source", "row", "split")
OPTIONAL = ("fold", "weight", "ferplus", "content")
DIGITS = 16
"""Hexadecimal digits of a sha256 that an index keeps: enough to see a change, short enough for every line."""


@dataclass(frozen=True, slots=True)
class Index:
    """n rows of data sets.

    Attributes:
        source: (n,) str, absolute paths or `synthetic:...`.
        row: (n,) int64, from 0 in the source's own order.
        split: (n,) str, "" for none.
        fold: (n,) int64, -1 for none.
        weight: (n,) float32, NaN for the source's own.
        ferplus: (n,) str, absolute path of fer2013new.csv; "" for none.
        content: (n,) str, as in the file; "" where nothing is known.
        line: (n,) int64, line in the file, from 1.
    """

    source: NDArray[np.str_]
    row: NDArray[np.int64]
    split: NDArray[np.str_]
    fold: NDArray[np.int64]
    weight: NDArray[np.float32]
    ferplus: NDArray[np.str_]
    content: NDArray[np.str_]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Index:
        """These rows, in this order; repeated ones are kept."""
        return Index(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def replace(self, **changes: Any) -> Index:
        """A copy with these columns changed."""
        return replace(self, **changes)


def index_of(source: str, n: int, split: NDArray[np.str_], *, ferplus: str = "", content: str = "") -> Index:
    """Every row of one data set, in its own order."""
    return Index(
        source=np.full(n, source),
        row=np.arange(n, dtype=np.int64),
        split=split,
        fold=np.full(n, -1, np.int64),
        weight=np.full(n, np.nan, np.float32),
        ferplus=np.full(n, ferplus),
        content=np.full(n, content),
        line=np.arange(n, dtype=np.int64) + 2,
    )


def concatenated(parts: Sequence[Index]) -> Index:
    """The rows of all parts, in order."""
    return Index(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Index)})


def is_index(path: Path) -> bool:
    """Whether a file is an index, by its header."""
    try:
        header = read_header(path)
    except MienError:
        return False
    return all(header.find(name) is not None for name in NEEDED) and header.find("pixels") is None


def read_index(path: Path) -> Index:
    """An index file; paths in it become absolute.

    Raises:
        MienError: broken lines, the first one named, or none at all.
    """
    header = read_header(path)
    place = {name: header.find(name) for name in (*NEEDED, *OPTIONAL)}
    broken = BrokenRows(path, "mend or remove such lines, or make the index anew")
    records: list[list[Any]] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=header.delimiter)
            next(reader, None)
            for values in reader:
                if not any(values):
                    continue
                if len(values) != len(header.names):
                    broken.add(len(records), f"{len(values)} fields, expected {len(header.names)}", reader.line_num)
                    values = [""] * len(header.names)
                texts = {name: "" if at is None else values[at].strip() for name, at in place.items()}
                records.append([*_parsed(texts, len(records), reader.line_num, broken), reader.line_num])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not readable as CSV ({error}): make the index anew") from error
    broken.check()
    if not records:
        raise MienError(f"{path}: a header and no rows: make the index anew")
    source, row, split, fold, weight, ferplus, content, line = zip(*records, strict=True)
    absolute = {text: _absolute(text, path.parent) for text in {*source, *ferplus}}
    return Index(
        source=np.array([absolute[text] for text in source]),
        row=np.array(row, np.int64),
        split=np.array(split, np.str_),
        fold=np.array(fold, np.int64),
        weight=np.array(weight, np.float32),
        ferplus=np.array([absolute[text] for text in ferplus], np.str_),
        content=np.array(content, np.str_),
        line=np.array(line, np.int64),
    )


def write_index(path: Path, index: Index) -> None:
    """Write an index; sources below or beside its folder by relative path, so that both may move together.

    Raises:
        MienError: a place that cannot be written, or a file there that is no index.
    """
    if path.is_file() and path.stat().st_size and not is_index(path):
        raise MienError(f"{path}: a file that is no index stands there: choose another name")
    columns: dict[str, Sequence[Any]] = {
        "source": _relative(index.source, path),
        "row": index.row.tolist(),
        "split": index.split.tolist(),
    }
    if (index.fold >= 0).any():
        columns["fold"] = ["" if fold < 0 else fold for fold in index.fold.tolist()]
    if np.isfinite(index.weight).any():
        columns["weight"] = ["" if math.isnan(weight) else f"{weight:.6g}" for weight in index.weight.tolist()]
    if (index.ferplus != "").any():
        columns["ferplus"] = _relative(index.ferplus, path)
    columns["content"] = index.content.tolist()
    try:
        with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: choose a place that can be written") from error


def is_synthetic(source: str) -> bool:
    """Whether a source is drawn, and no path."""
    return source == "synthetic" or source.startswith("synthetic:")


def _parsed(texts: dict[str, str], row: int, line: int, broken: BrokenRows) -> list[Any]:
    """A line's fields in the order of Index's; what cannot be read goes into `broken`."""
    if not texts["source"]:
        broken.add(row, "no source", line)
    numbers = []
    for name, absent in (("row", None), ("fold", -1)):
        text = texts[name]
        if text.isascii() and text.isdecimal() and len(text) < 19:
            numbers.append(int(text))
        else:
            if text or absent is None:
                broken.add(row, f"{name} {text[:20]!r} is no number from 0", line)
            numbers.append(-1)
    weight = math.nan
    if texts["weight"]:
        try:
            weight = float(texts["weight"])
        except ValueError:
            weight = -1.0
        if not 0 <= weight < math.inf:
            broken.add(row, f"weight {texts['weight'][:20]!r} is no number of 0 or more", line)
    return [texts["source"], numbers[0], texts["split"], numbers[1], weight, texts["ferplus"], texts["content"]]


def _absolute(text: str, folder: Path) -> str:
    if not text or is_synthetic(text):
        return text
    return os.path.abspath(folder / Path(text).expanduser())  # noqa: PTH100  # not resolved: links stay as named


def _relative(sources: NDArray[np.str_], index: Path) -> list[str]:
    """Paths as they stand in the index at `index`; absolute where the two share no folder but the root."""
    start = index.parent.resolve()
    told: dict[str, str] = {}
    for source in np.unique(sources).tolist():
        told[source] = source
        if source and not is_synthetic(source):
            below = Path(source).parts
            if len(below) > 1 and below[:2] == start.parts[:2]:
                told[source] = Path(os.path.relpath(source, start)).as_posix()
    return [told[source] for source in sources.tolist()]
