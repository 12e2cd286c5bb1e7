"""A run's folder of parts: tables of what is done so far, and a manifest that says which pieces each holds."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import IO, Any

from mien.errors import MienError, needing
from mien.runtime.engines.blocks import Answer, schema
from mien.runtime.formats import Header
from mien.runtime.formats.csv import CsvWriter

MANIFEST = "manifest.jsonl"
SPAN = 1.0
"""Seconds of answers that may be lost with the process that writes them."""
LIMIT = 64_000_000
"""Bytes of answers that are held before they are written."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece's rows stand: `size` bytes (CSV) or rows (Parquet) of a part from `start` on."""

    part: str
    start: int
    size: int
    rows: int
    faces: int
    error: bool


class Parts:
    """The folder. A part is written under another name and renamed; its line in the manifest is what counts.

    So a crash leaves whole parts that are named, and perhaps one that is not, which the next run removes.

    Args:
        folder: made where there is none.
        kind: "csv" or "parquet".
        header: what the table is of.
        about: everything that decides the rows; a run is resumed only where all of it is the same.
        resume: go on with what stands there; else there must be nothing yet.

    Attributes:
        places: of each piece that is done, by number.

    Raises:
        MienError: an unfinished run without `resume`, one of other settings, or a folder that cannot be written.
        MissingExtraError: "parquet" without pyarrow.
    """

    def __init__(self, folder: Path, kind: str, header: Header, about: Mapping[str, Any], *, resume: bool) -> None:
        if kind == "parquet":
            with needing("--format parquet", "parquet", "pyarrow"):
                import pyarrow  # noqa: F401
        self.folder, self.kind, self.header = folder, kind, header
        self.places: dict[int, Place] = {}
        self._held: list[Answer] = []
        self._bytes = 0
        self._since = monotonic()
        self._next = 0
        facts = json.loads(json.dumps({**about, "kind": kind, "header": asdict(header)}))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._read(facts, resume)
            self._manifest = (folder / MANIFEST).open("a", encoding="utf-8")
            if self._manifest.tell() == 0:
                self._line(facts)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def add(self, answer: Answer) -> None:
        """Keep an answer, and write what is held where it is time.

        Raises:
            ValueError: an answer to a piece that is done already.
            MienError: the folder cannot be written further.
        """
        held = {told.number for one in self._held for told in one.told}
        if twice := [told.number for told in answer.told if told.number in self.places or told.number in held]:
            raise ValueError(f"pieces {twice} are done already")
        self._held.append(answer)
        self._bytes += len(answer.block)
        self.tick()

    def tick(self) -> None:
        """Write what is held if it has been for a while."""
        if self._held and (monotonic() - self._since > SPAN or self._bytes > LIMIT):
            self.commit()

    def commit(self) -> None:
        """Write what is held as one part, then name it in the manifest."""
        if self._held:
            name = f"part-{self._next:06d}.{self.kind}"
            try:
                size, start = self._write(self.folder / name)
                self._line(
                    {
                        "part": name,
                        "bytes": size,
                        "pieces": [
                            [told.number, told.size, told.rows, told.faces, int(told.error is not None)]
                            for answer in self._held
                            for told in answer.told
                        ],
                        "start": start,
                    }
                )
            except OSError as error:
                raise _unwritable(self.folder, error) from error
            self._next += 1
            self._place(name, start, [told for answer in self._held for told in answer.told])
            self._held, self._bytes = [], 0
        self._since = monotonic()

    def close(self) -> None:
        """Write what is held, and close the manifest."""
        try:
            self.commit()
        finally:
            self._manifest.close()

    def remove(self) -> None:
        """The folder is not needed any more."""
        self._manifest.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _place(self, part: str, start: int, told: Any) -> None:
        for one in told:
            self.places[one.number] = Place(part, start, one.size, one.rows, one.faces, one.error is not None)
            start += one.size

    def _line(self, facts: Mapping[str, Any]) -> None:
        self._manifest.write(json.dumps(facts) + "\n")
        _sync(self._manifest)

    def _write(self, path: Path) -> tuple[int, int]:
        """Writes the part: its size in bytes, and where in it the first piece starts."""
        draft = path.with_name(f"{path.name}.draft")
        start = 0
        if self.kind == "csv":
            CsvWriter(draft, self.header.columns).close()  # the line of the columns' names
            with draft.open("ab") as file:
                start = file.seek(0, io.SEEK_END)
                file.writelines(answer.block for answer in self._held)
                _sync(file)
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            tables = [pa.ipc.open_stream(answer.block).read_all() for answer in self._held]
            with draft.open("wb") as file:
                whole = pa.concat_tables(tables).replace_schema_metadata(schema(self.header).metadata)
                pq.write_table(whole, file, compression="zstd")
                _sync(file)
        size = draft.stat().st_size
        draft.replace(path)
        return size, start

    def _read(self, facts: Mapping[str, Any], resume: bool) -> None:
        """What an earlier run left: its places if it is to be resumed, else nothing may be done yet."""
        path = self.folder / MANIFEST
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]  # the last may have been cut off
        records = [json.loads(line) for line in whole]
        if len(records) > 1 and not resume:
            raise MienError(f"{self.folder}: parts of an unfinished run; add --resume to go on, or remove the folder")
        if len(records) > 1 and (unlike := [key for key in facts if facts[key] != records[0].get(key)]):
            raise MienError(
                f"{self.folder}: parts of a run with another {_first(unlike, facts, records[0])}; "
                "give the same to go on, or remove the folder"
            )
        if len(records) < 2:
            path.unlink(missing_ok=True)
        elif len(whole) < len(lines):
            with path.open("r+b") as file:
                file.truncate(sum(map(len, whole)))
        for record in records[1:]:
            self._recall(record)
        named = {place.part for place in self.places.values()}
        for stray in self.folder.glob("part-*"):
            if stray.name not in named:
                stray.unlink()

    def _recall(self, record: Mapping[str, Any]) -> None:
        part = str(record["part"])
        self._next = max(self._next, int(part[5:11]) + 1)
        path = self.folder / part
        if path.is_file() and path.stat().st_size == record["bytes"]:
            start = int(record["start"])
            for number, size, rows, faces, error in record["pieces"]:
                self.places[number] = Place(part, start, size, rows, faces, bool(error))
                start += size


def _first(unlike: list[str], facts: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first fact that differs, in words."""
    name = unlike[0]
    mine, others = facts[name], other.get(name)
    if isinstance(mine, dict) and isinstance(others, dict):
        inner = next(key for key in {**mine, **others} if mine.get(key) != others.get(key))
        return f"{inner} ({others.get(inner)}, now {mine.get(inner)})" if name != "inputs" else "list of inputs"
    return f"{name} ({others}, now {mine})"


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unwritable(folder: Path, error: OSError) -> MienError:
    return MienError(f"{folder}: cannot be written ({error.strerror or error}); make room, or choose another --out")
