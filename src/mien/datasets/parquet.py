"""Parquet with encoded pictures, as hubs keep data sets: one file, or a folder of shards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.decode import decode_all, stack
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import split_name, split_order
from mien.datasets.scheme import labelled
from mien.datasets.votes import distribution
from mien.errors import MienError, MissingExtraError
from mien.labels import CODES, EMOTIONS, VOTE_COLUMNS, emotion_index

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1
"""Raised when the same file would be read into another FaceSet, so that caches are made anew."""

MAGIC = b"PAR1"

_IMAGE = ("image", "img", "picture", "img_bytes", "image_bytes")
_LABEL = ("label", "labels", "emotion", "expression", "fer_label")
_USAGE = ("usage", "split")


def read_parquet(path: Path) -> FaceSet:
    """One Parquet file with a column of encoded pictures and, as a rule, one of labels.

    Columns, in any case: `image` (bytes, or a struct with `bytes`), `label` (integers, named by the hub's
    ClassLabel where the file has one and FER2013's CSV codes otherwise, or words), `usage`, and
    `ferplus_neutral` and so on with the votes. Where no usage stands in the file its name's first word
    names the split (`train-00000-of-00001.parquet`).

    Raises:
        MienError: no Parquet, no pictures, unreadable pictures, unknown labels; names file and row.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "parquet", "pyarrow") from error
    try:
        file = pq.ParquetFile(path)
        names = {name.strip().lower(): name for name in reversed(file.schema_arrow.names)}
        image, label, usage = (_first(names, known) for known in (_IMAGE, _LABEL, _USAGE))
        votes = {v: names[f"ferplus_{v}"] for v in VOTE_COLUMNS if f"ferplus_{v}" in names}
        if image is None:
            have = ", ".join(file.schema_arrow.names)
            raise MienError(f"{path}: no column of pictures among {have}: name it image")
        if not file.metadata.num_rows:
            raise MienError(f"{path}: no rows: get the file again")
        table = file.read(columns=[c for c in (image, label, usage, *votes.values()) if c is not None])
        broken = BrokenRows(path)
        pixels = _pixels(path, table.column(image), broken)
        index = np.full(table.num_rows, -1, np.int64)
        if label is not None:
            index = _index(table.column(label), _class_names(table.schema, label), broken)
        split = _split(path, table.column(usage) if usage else None, table.num_rows, broken)
        broken.check()
        faces = labelled(_name(path), pixels, index, split)
        if len(votes) == len(VOTE_COLUMNS):
            counted = np.stack([_integers(table.column(votes[v])) for v in VOTE_COLUMNS], 1).astype(np.int16)
            targets = {**faces.targets, "ferplus": distribution(counted)}
            faces = faces.replace(votes=counted, targets=targets)
    except (pa.ArrowException, OSError) as error:
        what = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MienError(f"{path}: no readable Parquet ({what}): get the file again") from error
    return faces


def told_by_name(path: Path) -> str:
    """What a file's name and place add to its content: its split and the data set's name."""
    return f"{_split_word(path)} {_name(path)}"


def shard_order(path: Path) -> tuple[int, str]:
    """Sorting key of shards: training, validation, test, others; then by name."""
    return split_order(_split_word(path)), str(path)


def _first(names: dict[str, str], known: tuple[str, ...]) -> str | None:
    return next((names[k] for k in known if k in names), None)


def _split_word(path: Path) -> str:
    first = split_name(re.split(r"[^A-Za-z]", path.stem)[0])
    return first or split_name(path.absolute().parent.name) or ""  # a hub may keep train/0000.parquet


def _name(path: Path) -> str:
    """The data set's name: the first folder above that is not a split or `data`, or else the file's."""
    if not _split_word(path):
        return path.stem
    for folder in path.absolute().parents:
        if folder.name not in ("data", "default") and not split_name(folder.name):
            return folder.name or path.stem
    return path.stem


def _pixels(path: Path, column: pa.ChunkedArray, broken: BrokenRows) -> NDArray[np.uint8]:
    import pyarrow as pa

    if pa.types.is_struct(column.type):
        if column.type.get_field_index("bytes") < 0:
            raise MienError(f"{path}: pictures without a field `bytes`: this Parquet names files only")
        encoded = [b for chunk in column.chunks for b in chunk.field("bytes").to_pylist()]
    elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        encoded = column.to_pylist()
    else:
        raise MienError(f"{path}: the picture column holds {column.type}, not encoded pictures (bytes)")
    pictures = [p for p in decode_all(encoded, broken) if p is not None]
    broken.check()
    try:
        return stack(pictures)
    except ValueError:
        sizes = sorted({p.shape[:2] for p in pictures})
        few = ", ".join(f"{w} x {h}" for h, w in sizes[:3])
        raise MienError(
            f"{path}: pictures of {len(sizes)} sizes ({few} ...): write them to folders SPLIT/CLASS/"
        ) from None


def _integers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.fill_null(-1).to_numpy(), np.int64)


def _class_names(schema: pa.Schema, label: str) -> list[str] | None:
    """The ClassLabel names that the hub writes into the file's metadata."""
    try:
        features: Any = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        names = features[label]["names"]
    except (KeyError, TypeError, ValueError):
        return None
    if not isinstance(names, list) or all(str(n).isdigit() for n in names):
        return None  # numbers for names say nothing
    return [str(n) for n in names]


def _index(column: pa.ChunkedArray, names: list[str] | None, broken: BrokenRows) -> NDArray[np.int64]:
    """(n,) positions in EMOTIONS; labels that name no emotion go to `broken`."""
    import pyarrow as pa

    codes = dict(enumerate(names)) if names else dict(CODES["fer2013"])
    dictionary = column.unique().to_pylist()
    positions: dict[Any, int] = {}
    faults: dict[Any, str] = {}
    for value in dictionary:
        try:
            if pa.types.is_integer(column.type) and value is not None and value not in codes:
                raise MienError(f"unknown label {value}, expected {min(codes)} to {max(codes)}")
            if value is None:
                raise MienError("no label")
            positions[value] = emotion_index(str(codes.get(value, value)))
        except MienError as error:
            faults[value] = str(error)
    values = column.to_pylist()
    if faults:
        for row, value in enumerate(values):
            if value in faults:
                broken.add(row, faults[value])
    found = np.array([positions.get(value, -1) for value in values], np.int64)
    assert (found < len(EMOTIONS)).all()
    return found


def _split(path: Path, usage: pa.ChunkedArray | None, n: int, broken: BrokenRows) -> NDArray[np.str_]:
    if usage is None:
        return np.full(n, _split_word(path))
    words = usage.to_pylist()
    named = {word: split_name(str(word)) for word in set(words)}
    for row, word in enumerate(words):
        if named[word] is None:
            broken.add(row, f"unknown usage {word!r}")
    return np.array([named[word] or "" for word in words])
