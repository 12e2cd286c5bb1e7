"""The first line of a CSV file: its columns, by which a data set is known."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from mien.errors import MienError

BOM = b"\xef\xbb\xbf"
_LONGEST = 1 << 16  # bytes; a header is shorter, a binary file's first "line" need not be
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK": "zip",
    b"ustar": "tar",
    b"7z": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Column names as they stand (blanks and quotes around them taken off) and what separates them."""

    names: tuple[str, ...]
    delimiter: str

    def find(self, *spellings: str) -> int | None:
        """Position of the first column that has one of these names in any case; None without one."""
        names = [name.lower() for name in self.names]
        return next((names.index(s) for s in spellings if s in names), None)


def read_header(path: Path) -> Header:
    """The header of a CSV file whose columns are separated by commas, semicolons or tabs.

    Raises:
        MienError: an empty, packed or binary file, or one not in UTF-8.
    """
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: give a file that can be read") from error
    if not line:
        raise MienError(f"{path}: an empty file: get it again")
    for magic, kind in _PACKED.items():
        if line.startswith(magic):
            raise MienError(f"{path}: packed with {kind}: unpack it first")
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MienError(f"{path}: text in UTF-16: save it as UTF-8")
    if b"\x00" in line:
        raise MienError(f"{path}: binary, not a CSV file: give FER2013 as CSV, Parquet or folders")
    try:
        text = line.removeprefix(BOM).decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        raise MienError(f"{path}: line 1 is not UTF-8 text: give FER2013 as CSV, Parquet or folders") from None
    delimiter = next((d for d in ",;\t" if d in text), ",")
    try:
        names = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error as error:
        raise MienError(f"{path}: line 1 is not a CSV header ({error}): get the file again") from error
    return Header(tuple(name.strip().strip("\"'").strip() for name in names), delimiter)
