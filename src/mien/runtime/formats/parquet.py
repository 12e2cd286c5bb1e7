"""The table as Parquet, with typed columns; needs pyarrow."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from mien import __version__
from mien.errors import MissingExtraError
from mien.faces import Faces
from mien.runtime.formats.registry import Header, Mark, close_text, offset_of, open_text, table_format
from mien.table import kind, rows

GROUP = 10_000
"""Rows in a row group."""


class ParquetWriter:
    """Rows go to a journal beside the file as they come, since a Parquet file cannot be read before its end is
    written; `close` makes the file of the journal, group by group, and removes it."""

    def __init__(self, path: Path, header: Header, mark: Mark | None = None) -> None:
        try:
            import pyarrow as pa
        except ImportError as error:
            raise MissingExtraError("--format parquet", "parquet", "pyarrow") from error
        types = {int: pa.int64(), float: pa.float32(), str: pa.string()}
        about = {
            "mien": __version__,
            "model": header.model,
            "labels": header.labels,
            "detector": header.detector,
            "action_units": header.units,
        }
        fields = [pa.field(name, pa.float64() if name == "time" else types[kind(name)]) for name in header.columns]
        self._schema = pa.schema(fields, {"mien": json.dumps(about)})
        self._path = path
        self._journal = path.with_name(f"{path.name}.rows")
        self._stream = open_text(self._journal, mark)
        if mark is None:
            self._path.open("wb").close()  # a file that cannot be written is told now, not after hours

    def write(self, faces: Faces) -> None:
        for row in rows(faces):
            self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    def mark(self) -> dict[str, int]:
        return {"offset": offset_of(self._stream)}

    def close(self, *, finished: bool = True) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        close_text(self._stream)
        with (
            self._journal.open(encoding="utf-8", newline="\n") as lines,
            pq.ParquetWriter(str(self._path), self._schema, compression="zstd") as out,
        ):
            while group := [json.loads(line) for line in islice(lines, GROUP)]:
                out.write_table(pa.Table.from_pylist(group, schema=self._schema))
        if finished:
            self._journal.unlink()


@table_format("parquet", "the table with typed columns", suffixes=(".parquet", ".pq"), streams=False)
def make(path: Path | None, header: Header, mark: Mark | None = None) -> ParquetWriter:
    assert path is not None  # open_writer sees to it
    return ParquetWriter(path, header, mark)
