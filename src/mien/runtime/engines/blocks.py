"""What a worker answers: the rows of some pieces, already in the form that the parts are written in."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.faces import Faces
from mien.runtime.formats import Header, open_writer
from mien.runtime.formats.csv import cell
from mien.table import rows

KINDS = ("csv", "parquet")
GROUP = 2000
"""Rows that are held as Python objects before they are packed: a long video stays small."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a block holds of one piece, in the order of the block.

    Attributes:
        number: the piece's.
        rows: of the table.
        size: bytes of CSV, or rows of Parquet.
        faces: how many were found.
        error: why it could not be read, or None.
    """

    number: int
    rows: int
    size: int
    faces: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of some pieces: lines of CSV without a head, or an Arrow stream."""

    told: tuple[Told, ...]
    block: bytes


class CsvBlock:
    """Lines of CSV, written as `mien analyze --out x.csv` writes them."""

    def __init__(self, header: Header) -> None:
        self._columns = header.columns
        self._told: list[Told] = []
        self._lines: list[bytes] = []

    def take(self, number: int, results: Iterable[Faces]) -> None:
        """All results of a piece: one of a picture, one a frame of a video."""
        size, count = 0, _Count()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for group in _grouped(count.over(results)):
            writer.writerows([cell(row.get(name), name) for name in self._columns] for row in group)
            lines = text.getvalue().encode("utf-8", "surrogateescape")
            text.seek(0)
            text.truncate()
            self._lines.append(lines)
            size += len(lines)
        self._told.append(Told(number, count.rows, size, count.faces, count.error))

    def answer(self) -> Answer:
        return Answer(tuple(self._told), b"".join(self._lines))


class ParquetBlock:
    """An Arrow stream with the columns and types of `mien analyze --out x.parquet`."""

    def __init__(self, header: Header) -> None:
        import pyarrow as pa

        self._schema = schema(header)
        self._sink = pa.BufferOutputStream()
        self._stream = pa.ipc.new_stream(self._sink, self._schema)
        self._batch = pa.RecordBatch
        self._told: list[Told] = []

    def take(self, number: int, results: Iterable[Faces]) -> None:
        """All results of a piece: one of a picture, one a frame of a video."""
        count = _Count()
        for group in _grouped(count.over(results)):
            self._stream.write_batch(self._batch.from_pylist(group, schema=self._schema))
        self._told.append(Told(number, count.rows, count.rows, count.faces, count.error))

    def answer(self) -> Answer:
        self._stream.close()
        return Answer(tuple(self._told), self._sink.getvalue().to_pybytes())


def open_block(kind: str, header: Header) -> CsvBlock | ParquetBlock:
    """An empty block of KINDS."""
    return CsvBlock(header) if kind == "csv" else ParquetBlock(header)


_SCHEMAS: dict[Header, Any] = {}


def schema(header: Header) -> Any:
    """The Arrow schema of the table in Parquet, as the format itself writes it into an empty file.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    if header not in _SCHEMAS:
        with tempfile.TemporaryDirectory() as folder:
            empty = Path(folder) / "empty.parquet"
            open_writer("parquet", empty, header).close()
            import pyarrow.parquet as pq

            _SCHEMAS[header] = pq.read_schema(empty)
    return _SCHEMAS[header]


class _Count:
    """Counts the results that pass."""

    def __init__(self) -> None:
        self.rows = self.faces = 0
        self.error: str | None = None
        self._read = False

    def over(self, results: Iterable[Faces]) -> Iterator[Mapping[str, Any]]:
        for found in results:
            self.faces += len(found)
            # a video with some frames that could not be decoded was read; one that ends with a reason was not
            self.error = found.error if found.frame is None else self.error
            for row in rows(found):
                self.rows += 1
                yield row


def _grouped(every: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    group: list[Mapping[str, Any]] = []
    for row in every:
        group.append(row)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group
