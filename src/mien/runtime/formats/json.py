"""The table as one JSON document: what it is of, its rows, and how many there were."""

from __future__ import annotations

import json
from pathlib import Path

from mien import __version__
from mien.faces import Faces
from mien.runtime.formats.registry import Header, close_text, open_text, table_format
from mien.table import rows


class JsonWriter:
    """Rows are written as they come; `close` completes the document."""

    def __init__(self, path: Path | None, header: Header) -> None:
        self._stream = open_text(path)
        self._inputs = self._faces = self._unreadable = self._rows = 0
        about = {
            "mien": __version__,
            "model": header.model,
            "labels": header.labels,
            "detector": header.detector,
            "action_units": header.units,
            "columns": header.columns,
        }
        self._columns = header.columns
        self._stream.write(json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": [')

    def write(self, faces: Faces) -> None:
        for found in rows(faces):
            row = {name: found.get(name) for name in self._columns}  # one without a face has every column too
            self._stream.write((",\n" if self._rows else "\n") + json.dumps(row, ensure_ascii=False))
            self._rows += 1
        self._inputs += 1
        self._faces += len(faces)
        self._unreadable += faces.error is not None

    def close(self) -> None:
        counts = {"inputs": self._inputs, "faces": self._faces, "unreadable": self._unreadable}
        self._stream.write("\n], " + json.dumps(counts)[1:] + "\n")
        close_text(self._stream)


@table_format("json", "one JSON document: model, labels, versions and rows", suffixes=(".json",))
def make(path: Path | None, header: Header) -> JsonWriter:
    return JsonWriter(path, header)
