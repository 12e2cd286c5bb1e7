"""EmotioNet: the sheet that people coded, and the lists that a machine did; both name pictures by their URL.

The sheet has the columns `URL`, `URL orig` and `'AU 1'` and so on; the lists (`dataFile_0001.txt`) have no header, and
tabs between URL, original URL and AU 1 to AU 60.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.cache import content_hash
from mien.datasets.csv_columns import read_columns
from mien.datasets.csv_header import BOM, Header, read_header
from mien.datasets.emotionet_pictures import Url, found_pictures
from mien.datasets.excel_columns import read_excel
from mien.datasets.face_set import FaceSet
from mien.datasets.picture_names import picture_names
from mien.datasets.source import Source
from mien.datasets.unit_codes import Floats, coded_units, occurrence_code, read_codes
from mien.datasets.units import OCCURRENCE
from mien.errors import MienError
from mien.labels import action_unit

VERSION = 1
"""Raised when the same files would be read into another FaceSet, so that caches are made anew."""

NAMES = ("EmotioNet*.csv", "EmotioNet*.xlsx", "dataFile_*.txt")
LISTED = 60
"""Units of a list's line, AU 1 to AU 60."""

_Rows = tuple[list[Url], tuple[str, ...], Floats]


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """A folder with EmotioNet's sheet or lists in it; else None.

    Raises:
        MienError: several sheets, or a sheet beside lists.
    """
    found = sorted({p for name in NAMES for p in root.glob(name)})
    # a sheet that was saved as CSV is the same one
    found = [p for p in found if p.suffix.lower() != ".xlsx" or p.with_suffix(".csv") not in found]
    tables = [p for p in found if p.suffix.lower() == ".xlsx" or is_emotionet(p)]
    if not tables:
        return None
    sheets = [p for p in tables if not is_list(p)]
    if sheets and len(tables) > 1:
        names = ", ".join(p.name for p in tables[:4])
        raise MienError(f"{root}: several tables of EmotioNet ({names}): name one of them, or keep lists in a folder")
    return _source_of(root, tables)


def source_of_file(path: Path) -> Source | None:
    """One of EmotioNet's files, whose pictures lie in its folder or in folders there; else None."""
    if path.suffix.lower() == ".xlsx" or is_emotionet(path):
        return _source_of(path.parent, [path])
    return None


def is_emotionet(path: Path) -> bool:
    """Whether a file is a sheet or a list, by its first line."""
    if is_list(path):
        return True
    try:
        header = read_header(path)
    except MienError:
        return False
    return header.find("url") is not None and bool(_units(header))


def is_list(path: Path) -> bool:
    """Whether a file begins as an automatic list does: tabs, a URL, and numbers after the second field."""
    try:
        with path.open("rb") as file:
            start = file.readline(1 << 16).removeprefix(BOM)
    except OSError:
        return False
    fields = [field.strip(b" '\"\r\n") for field in start.split(b"\t")]
    return len(fields) > 2 and b"://" in fields[0] and all(_is_number(field) for field in fields[2:])


def _is_number(field: bytes) -> bool:
    return not field or field.replace(b".", b"", 1).replace(b"-", b"", 1).isdigit()


def _source_of(root: Path, tables: Sequence[Path]) -> Source:
    """Which pictures are there decides which rows are, so that both go into the content."""
    pictures, names = picture_names(root)
    content = [*(content_hash(path, remember=False) for path in tables), names]
    reader = f"emotionet {VERSION} {[path.suffix for path in tables]}"
    return Source(
        reader, lambda: _read(root, tables, pictures), content=hashlib.sha256("\n".join(content).encode()).hexdigest()
    )


def _read(root: Path, tables: Sequence[Path], pictures: Sequence[str]) -> FaceSet:
    urls: list[Url] = []
    parts: list[tuple[tuple[str, ...], Floats]] = []
    for path in tables:
        found, units, codes = _listed(path) if is_list(path) else _sheet(path)
        urls += found
        parts.append((units, codes))
    units = parts[0][0]  # several are lists, which have the same columns
    codes = np.concatenate([part for _, part in parts])
    kept, files = found_pictures(root, urls, pictures)
    codes = codes[kept]
    columns = coded_units(units, codes)
    return FaceSet(
        name="emotionet",
        paths=files,
        targets={OCCURRENCE: np.ascontiguousarray(codes[:, columns])},
        action_units=tuple(units[at] for at in columns),
        file=files,
    )


def _sheet(path: Path) -> _Rows:
    """URLs, units and (n, k) occurrence of the manual sheet."""
    excel = path.suffix.lower() == ".xlsx"
    header, table = read_excel(path) if excel else ((found := read_header(path)), read_columns(path, found))
    first, second = header.find("url"), header.find("url orig")
    place = _units(header)
    if first is None or not place:
        raise MienError(f"{path}: no columns URL and AU 1 and so on: not EmotioNet's sheet")
    broken = BrokenRows(path)
    for row, (text, line) in enumerate(zip(table.cells[first], table.lines, strict=True)):
        if "/" not in text:
            what = f"{text[:40]!r} is none: do its columns stand in the order of the header?" if text else "is blank"
            broken.add(row, f"URL {what}", line)
    codes = [read_codes(table.cells[at], table.lines, unit, broken) for unit, at in place.items()]
    broken.check()
    original = table.cells[first] if second is None else table.cells[second]
    return list(zip(table.cells[first], original, strict=True)), tuple(place), np.stack(codes, axis=1)


def _units(header: Header) -> dict[str, int]:
    """Unit -> column, in the order of the units.

    Raises:
        MienError: two columns of one unit.
    """
    place: dict[str, int] = {}
    for at, name in enumerate(header.names):
        if name.upper().startswith("AU"):
            try:
                unit = action_unit(name)
            except MienError:
                continue
            if unit in place:
                raise MienError(f"two columns of {unit}, {header.names[place[unit]]} and {name}: leave one out")
            place[unit] = at
    return dict(sorted(place.items()))


def _listed(path: Path) -> _Rows:
    """URLs, units and (n, 60) occurrence of an automatic list."""
    broken = BrokenRows(path)
    read = cache(_pattern)  # few different lines among a million, but for the URLs
    urls: list[Url] = []
    codes: list[list[float]] = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        first, _, rest = line.partition("\t")
        second, _, rest = rest.partition("\t")
        try:
            codes.append(read(rest))
        except ValueError as error:
            broken.add(len(urls), str(error), number)
        urls.append((first.strip(" '\""), second.strip(" '\"")))
    broken.check()
    return urls, tuple(action_unit(number) for number in range(1, LISTED + 1)), np.array(codes, np.float32)


def _pattern(text: str) -> list[float]:
    """The codes of a line behind its URLs."""
    fields = text.rstrip().split("\t") if text.strip() else []
    if len(fields) != LISTED:
        raise ValueError(f"{len(fields) + 2} fields, expected {LISTED + 2}: two URLs, then AU 1 to AU {LISTED}")
    out = []
    for unit, field in enumerate(fields, 1):
        try:
            out.append(occurrence_code(field.strip("'\" ")))
        except ValueError as error:
            raise ValueError(f"AU {unit} {error}") from None
    return out
