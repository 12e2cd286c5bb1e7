"""The table as CSV, flushed after every picture: a crash loses nothing that was analysed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.faces import Faces
from mien.runtime.formats.registry import Header, Mark, close_text, offset_of, open_text, table_format
from mien.table import rows

Rows = Callable[[Faces], Iterable[Mapping[str, Any]]]


class CsvWriter:
    """Writes the rows that `make_rows` gives for each result, under `columns`; with a mark, behind it."""

    def __init__(
        self, path: Path | None, columns: Sequence[str], make_rows: Rows = rows, mark: Mark | None = None
    ) -> None:
        self._columns = columns
        self._rows = make_rows
        self._results = 0 if mark is None else mark["results"]
        self._stream = open_text(path, mark)
        self._csv = csv.writer(self._stream, lineterminator="\n")
        if mark is None:
            self._csv.writerow(columns)

    def write(self, faces: Faces) -> None:
        self._csv.writerows([cell(row.get(name), name) for name in self._columns] for row in self._rows(faces))
        self._results += 1
        self._stream.flush()

    def mark(self) -> dict[str, int]:
        return {"offset": offset_of(self._stream), "results": self._results}

    def close(self, *, finished: bool = True) -> None:
        close_text(self._stream)


TIMES = ("time", "timestamp")


def cell(value: Any, column: str = "") -> Any:
    """Six significant digits for a float, more than a float32 probability is worth; whole microseconds for a time,
    however long the video; empty for None."""
    if value is None or not isinstance(value, float):
        return "" if value is None else value
    if column in TIMES:
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return f"{value:.6g}"


@table_format("csv", "the table, comma-separated, UTF-8", suffixes=(".csv",))
def make(path: Path | None, header: Header, mark: Mark | None = None) -> CsvWriter:
    return CsvWriter(path, header.columns, mark=mark)
