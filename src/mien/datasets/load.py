"""Any data set, recognised by what is in it."""

from __future__ import annotations

import ast
import hashlib
import inspect
from pathlib import Path
from typing import Any

import numpy as np

from mien.datasets import parquet
from mien.datasets.cache import cached, content_hash
from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.errors import MienError


def load_dataset(
    path: str | Path, *, labels: str | None = None, ferplus: str | Path | None = None, cache: bool = True
) -> FaceSet:
    """Read a data set.

    Args:
        path: a Parquet file with pictures or a folder of shards; or `synthetic`, with settings as in
            `synthetic:n=500,seed=1,difficulty=0.3`.
        labels: a scheme that the set must have labels for, e.g. "fer2013" or "ferplus"; None for any.
        ferplus: FER+'s fer2013new.csv, whose votes are joined to FER2013's rows.
        cache: keep what was read, and use what was kept, in `cache_dir()`.

    Raises:
        MienError: a missing, unknown or broken file, with the row; or labels that the set does not have.
        MissingExtraError: Parquet without pyarrow.
    """
    word = str(path)
    if word == "synthetic" or word.startswith("synthetic:"):
        faces = _synthetic(word)
    else:
        place = Path(path).expanduser()
        if not place.exists():
            raise MienError(f"{path}: no such file or folder: give a data set's path")
        faces = _from_folder(place, cache) if place.is_dir() else _from_file(place, cache)
    if labels is not None and labels not in faces.targets:
        have = ", ".join(faces.targets) or "none"
        remedy = "pass --ferplus fer2013new.csv" if labels == "ferplus" else f"choose from: {have}"
        raise MienError(f"{path}: no {labels} labels (it has {have}): {remedy}")
    return faces


def _from_file(path: Path, cache: bool) -> FaceSet:
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: give a file that can be read") from error
    if not start:
        raise MienError(f"{path}: an empty file: get it again")
    if start.startswith(parquet.MAGIC):
        content = content_hash(path, remember=cache)
        reader = f"parquet-{parquet.VERSION}"
        faces = cached(content, reader, lambda: parquet.read_parquet(path), enabled=cache)
        return _from(path, faces)
    raise MienError(f"{path}: not a known data set: give FER2013 as CSV or Parquet, or a folder SPLIT/CLASS/")


def _from_folder(path: Path, cache: bool) -> FaceSet:
    shards = sorted(path.rglob("*.parquet"), key=parquet.shard_order)
    if shards:
        return _joined([_from_file(shard, cache) for shard in shards])
    raise MienError(
        f"{path}: no known data set in this folder: expected SPLIT/CLASS/ folders, CSV or Parquet"
    )


def _from(path: Path, faces: FaceSet) -> FaceSet:
    return faces.replace(file=np.broadcast_to(np.array(str(path)), len(faces)))


def _joined(parts: list[FaceSet]) -> FaceSet:
    whole = concatenate(parts)
    if len(parts) > 1:
        content = hashlib.sha256("\n".join(p.content for p in parts).encode()).hexdigest()
        whole = whole.replace(content=content)
    return whole


def _synthetic(word: str) -> FaceSet:
    """`synthetic` or `synthetic:n=500,seed=1`: drawn faces."""
    from mien.datasets.synthetic import synthetic

    known = inspect.signature(synthetic).parameters
    settings: dict[str, Any] = {}
    for setting in filter(None, word.partition(":")[2].split(",")):
        key, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or key not in known:
            raise MienError(f"{word}: unknown setting {setting!r}: choose from {', '.join(known)}")
        try:
            settings[key] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            settings[key] = text
    try:
        drawn: FaceSet = synthetic(**settings)
    except (TypeError, ValueError) as error:
        raise MienError(f"{word}: {error}") from error
    return drawn
