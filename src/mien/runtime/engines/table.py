"""Parts -> the table, in the order of the inputs, in any format."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import MienError
from mien.faces import Faces
from mien.labels import AFFECT, EMOTIONS
from mien.runtime.engines.blocks import schema
from mien.runtime.engines.parts import Parts, Place
from mien.runtime.formats import open_writer
from mien.runtime.formats.csv import CsvWriter
from mien.runtime.formats.parquet import GROUP
from mien.table import BOX, SET_SEPARATOR, kind

COPIED = 1 << 20
"""Bytes that are copied at once."""


def write_table(parts: Parts, out: Path, format_: str) -> None:
    """Write the table of all pieces, in their order; the file appears whole or not at all.

    CSV from CSV parts and Parquet from Parquet parts are copied. Other formats are made of the rows again, and may
    differ in the last digit of a box from what one process writes.

    Raises:
        MienError: the file cannot be written.
    """
    places = [parts.places[number] for number in sorted(parts.places)]
    draft = out.with_name(f".{out.name}.draft")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if (format_, parts.kind) == ("csv", "csv"):
            _copy_csv(parts, places, draft)
        elif (format_, parts.kind) == ("parquet", "parquet"):
            _copy_parquet(parts, places, draft)
        else:
            writer = open_writer(format_, draft, parts.header)
            for place in places:
                for faces in faces_of(_rows(parts, place)):
                    writer.write(faces)
            writer.close()
        draft.replace(out)
    except OSError as error:
        raise MienError(
            f"{out}: cannot be written ({error.strerror or error}); the parts in {parts.folder} are whole: "
            "make room, and --resume"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _copy_csv(parts: Parts, places: Sequence[Place], draft: Path) -> None:
    CsvWriter(draft, parts.header.columns).close()
    with draft.open("ab") as out:
        for part, found in groupby(places, key=lambda place: place.part):
            with (parts.folder / part).open("rb") as file:
                for place in found:
                    file.seek(place.start)
                    left = place.size
                    while left:
                        data = file.read(min(left, COPIED))
                        if not data:
                            raise OSError(f"{part} is cut short")
                        out.write(data)
                        left -= len(data)


def _copy_parquet(parts: Parts, places: Sequence[Place], draft: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = lru_cache(4)(lambda part: pq.read_table(parts.folder / part))
    with pq.ParquetWriter(str(draft), schema(parts.header), compression="zstd") as out:
        held: list[Any] = []
        for place in places:
            held.append(read(place.part).slice(place.start, place.size))
            if sum(map(len, held)) >= GROUP:
                out.write_table(pa.concat_tables(held))
                held = []
        if held:
            out.write_table(pa.concat_tables(held))


def _rows(parts: Parts, place: Place) -> Iterator[Mapping[str, Any]]:
    """A piece's rows with the values that `mien.table.rows` gave."""
    path = parts.folder / place.part
    if parts.kind == "csv":
        with path.open("rb") as file:
            file.seek(place.start)
            lines = file.read(place.size).decode("utf-8", "surrogateescape")
        names = parts.header.columns
        for cells in csv.reader(io.StringIO(lines, newline="")):
            yield {name: None if text == "" else kind(name)(text) for name, text in zip(names, cells, strict=True)}
    else:
        import pyarrow.parquet as pq

        yield from pq.read_table(path).slice(place.start, place.size).to_pylist()


def faces_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Faces]:
    """The results whose rows these are, but for landmarks and the picture's size, which no table holds."""
    for _, group in groupby(rows, key=lambda row: (row["input"], row["frame"])):
        yield _faces(list(group))


def _faces(rows: Sequence[Mapping[str, Any]]) -> Faces:
    first = rows[0]
    about: dict[str, Any] = {name: first[name] for name in ("input", "frame", "time", "error")}
    if not first["success"]:
        return Faces(**about)

    def column(name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        return np.array([math.nan if row[name] is None else row[name] for row in rows], np.float32)

    left, over, width, height, score = (np.array([row[name] for row in rows], np.float64) for name in BOX)
    affect: dict[str, Any] = {name: column(name) for name in AFFECT if first.get(name) is not None}
    return Faces(
        boxes=np.stack([left, over, left + width, over + height], axis=1).astype(np.float32),
        scores=score.astype(np.float32),
        emotion=np.stack([column(name) for name in EMOTIONS], axis=1),
        action_units={name: column(name) for name in first if name.startswith("AU")},
        track=np.array([-1 if row["track"] is None else row["track"] for row in rows]),
        source=tuple(row["source"] for row in rows),
        abstain=np.array([bool(row["abstain"]) for row in rows]),
        conformal=() if first["set"] is None else tuple(_set(row["set"]) for row in rows),
        **affect,
        **about,
    )


def _set(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(SET_SEPARATOR)) if text else ()
