"""The table as Parquet, with typed columns; needs pyarrow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mien import __version__
from mien.errors import MissingExtraError
from mien.faces import Faces
from mien.runtime.formats.registry import Header, table_format
from mien.table import kind, rows

GROUP = 10_000
"""Rows held back before they are written as one row group."""


class ParquetWriter:
    """Rows are written in groups; `close` writes the last group and the file's footer."""

    def __init__(self, path: Path, header: Header) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
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
        self._table = pa.Table
        self._writer = pq.ParquetWriter(str(path), self._schema, compression="zstd")
        self._held: list[dict[str, Any]] = []

    def write(self, faces: Faces) -> None:
        self._held.extend(rows(faces))
        if len(self._held) >= GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(self._table.from_pylist(self._held, schema=self._schema))
            self._held.clear()


@table_format("parquet", "the table with typed columns", suffixes=(".parquet", ".pq"), streams=False)
def make(path: Path | None, header: Header) -> ParquetWriter:
    assert path is not None  # open_writer sees to it
    return ParquetWriter(path, header)
