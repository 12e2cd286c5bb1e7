"""The cells of a CSV file, column by column, as text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_header import Header
from mien.errors import MienError


@dataclass(frozen=True, slots=True)
class Columns:
    """n rows of text.

    Attributes:
        cells: a list of n texts for each column of the header, blanks and quotes around them taken off.
        lines: (n) line of each row in the file, from 1.
    """

    cells: Sequence[Sequence[str]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)


def read_columns(path: Path, header: Header) -> Columns:
    """Every row below the header; empty lines are passed over.

    Cells may stand in double quotes, or in single ones as EmotioNet's do; a comma in such a cell separates nothing.

    Raises:
        MienError: no CSV, no rows, or rows with more or fewer cells than the header.
    """
    broken = BrokenRows(path)
    width = len(header.names)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=header.delimiter)
            next(reader, None)
            for cells in reader:
                if not any(cells):
                    continue
                found = cells if len(cells) == width else _single_quoted(cells, header.delimiter)
                if len(found) != width:
                    broken.add(
                        len(rows), f"{len(cells)} field{'s' * (len(cells) != 1)}, expected {width}", reader.line_num
                    )
                rows.append(found)
                lines.append(reader.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not readable as CSV ({error}): save it as UTF-8 text") from error
    broken.check()
    if not rows:
        raise MienError(f"{path}: a header and no rows: get the file again")
    return Columns([[cell.strip(" \t'\"") for cell in column] for column in zip(*rows, strict=True)], lines)


def _single_quoted(cells: list[str], delimiter: str) -> list[str]:
    """A row taken apart anew with ' for quotes: URLs may have commas in them."""
    text = delimiter.join(cells)
    return next(csv.reader([text], delimiter=delimiter, quotechar="'", skipinitialspace=True), cells)
