"""The table as CSV, flushed after every picture: a crash loses nothing that was analysed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.faces import Faces
from mien.runtime.formats.registry import Header, close_text, open_text, table_format
from mien.table import rows

Rows = Callable[[Faces], Iterable[Mapping[str, Any]]]


class CsvWriter:
    """Writes the rows that `make_rows` gives for each result, under `columns`."""

    def __init__(self, path: Path | None, columns: Sequence[str], make_rows: Rows = rows) -> None:
        self._columns = columns
        self._rows = make_rows
        self._stream = open_text(path)
        self._csv = csv.writer(self._stream, lineterminator="\n")
        self._csv.writerow(columns)

    def write(self, faces: Faces) -> None:
        self._csv.writerows([cell(row.get(name)) for name in self._columns] for row in self._rows(faces))
        self._stream.flush()

    def close(self) -> None:
        close_text(self._stream)


def cell(value: Any) -> Any:
    """Six significant digits for a float, more than a float32 probability is worth; empty for None."""
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else value


@table_format("csv", "the table, comma-separated, UTF-8", suffixes=(".csv",))
def make(path: Path | None, header: Header) -> CsvWriter:
    return CsvWriter(path, header.columns)
