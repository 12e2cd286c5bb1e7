"""The table as one JSON document: what it is of, its rows, and how many there were."""

from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

from mien import __version__
from mien.faces import Faces
from mien.runtime.formats.registry import Header, Mark, close_text, offset_of, open_text, table_format
from mien.table import rows


class JsonWriter:
    """Rows are written as they come; `close` completes the document. A video is one input."""

    def __init__(self, path: Path | None, header: Header, mark: Mark | None = None) -> None:
        self._stream, self._columns = open_text(path, mark), header.columns
        self._counts = {name: mark[name] if mark else 0 for name in ("rows", "inputs", "faces", "unreadable", "last")}
        if mark is not None:
            return
        about = {
            "mien": __version__,
            "model": header.model,
            "labels": header.labels,
            "detector": header.detector,
            "action_units": header.units,
            "columns": header.columns,
        }
        self._stream.write(json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": [')

    def write(self, faces: Faces) -> None:
        counts = self._counts
        for found in rows(faces):
            row = {name: found.get(name) for name in self._columns}  # one without a face has every column too
            self._stream.write((",\n" if counts["rows"] else "\n") + json.dumps(row, ensure_ascii=False))
            counts["rows"] += 1
        name = crc32(faces.input.encode("utf-8", "surrogateescape"))  # a number, as marks hold
        counts["inputs"] += faces.frame is None or counts["inputs"] == 0 or counts["last"] != name
        counts["last"] = name
        counts["faces"] += len(faces)
        counts["unreadable"] += faces.error is not None and faces.frame is None

    def mark(self) -> dict[str, int]:
        return {"offset": offset_of(self._stream), **self._counts}

    def close(self, *, finished: bool = True) -> None:
        counts = {name: self._counts[name] for name in ("inputs", "faces", "unreadable")}
        self._stream.write("\n], " + json.dumps(counts)[1:] + "\n")
        close_text(self._stream)


@table_format("json", "one JSON document: model, labels, versions and rows", suffixes=(".json",))
def make(path: Path | None, header: Header, mark: Mark | None = None) -> JsonWriter:
    return JsonWriter(path, header, mark)
