"""Folders of pictures that `mien augment` made: Parquet shards, and variants.json that says how they were made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.decode import decode_all, stack
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.fer2013_splits import TRAINING
from mien.datasets.parquet import MAGIC
from mien.datasets.picture_key import DIGITS
from mien.errors import MienError, MissingExtraError
from mien.labels import EMOTIONS, emotion_index

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

FORMAT = "mien.variants"
"""What variants.json calls itself, and the key in a shard's metadata under which its settings stand."""

FILE = "variants.json"
PICTURE = "picture "
"""Before the key in a made picture's `group`, so that other sets' groups are not taken for keys."""
_AGAIN = "run mien augment with the same settings again, which makes what is missing"


def shard_name(number: int) -> str:
    return f"variants-{number:05d}.parquet"


def is_variants_folder(root: Path) -> bool:
    """Whether a folder holds a variants.json of ours."""
    try:
        return bool(json.loads((root / FILE).read_text(encoding="utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_facts(root: Path) -> dict[str, Any]:
    """What variants.json says: format, version, mien, settings, planned, per_shard, shards.

    Raises:
        MienError: no such file, or one that is no JSON of ours.
    """
    path = root / FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["format"] != FORMAT or not isinstance(facts["settings"], dict):
            raise ValueError
        int(facts["shards"]), int(facts["planned"])
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: give a folder that mien augment made") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MienError(
            f"{path}: not what mien augment writes: bring the file back, or make the folder anew"
        ) from error
    if facts["version"] > VERSION:
        raise MienError(f"{path}: version {facts['version']} is newer than this mien: upgrade mien")
    return dict(facts)


def shard_files(root: Path) -> list[Path]:
    """The shards of a folder, all of them, in order.

    Raises:
        MienError: as for `read_facts`, or a folder whose making was stopped.
    """
    facts = read_facts(root)
    files = [root / shard_name(number) for number in range(int(facts["shards"]))]
    here = sum(file.is_file() for file in files)
    if here < len(files):
        raise MienError(f"{root}: {here} of {len(files)} shards: {_AGAIN}")
    return files


def is_shard(path: Path) -> bool:
    """Whether a Parquet file is a shard of ours, by its footer, for which pyarrow need not be loaded."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - 8, 0))
            length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
            file.seek(max(end - 8 - length, 0))
            return magic == MAGIC and FORMAT.encode() in file.read(length)
    except OSError:
        return False


def read_variants(root: Path) -> FaceSet:
    """The made pictures of a folder, in the order of the plan.

    `split` is Training for all of them, `made_from` the row that each was made from, `group` PICTURE and that
    row's `picture_key`, so that no cut parts a face's pictures; their emotions stand under the label scheme that they
    were made by. `file` is variants.json, below the folder: `row` counts over all its shards.

    Raises:
        MienError: shards that are missing, broken, or of other settings than variants.json names.
        MissingExtraError: pyarrow is not installed.
    """
    faces = _read(root, shard_files(root), read_facts(root)["settings"])
    return faces.replace(file=np.full(len(faces), FILE))


def read_shard(path: Path) -> FaceSet:
    """One shard on its own, as `read_variants` reads a folder of them."""
    return _read(path, [path], settings_of(path))


def settings_of(path: Path) -> dict[str, Any]:
    """The settings in a shard's metadata.

    Raises:
        MienError: no Parquet, or no shard of ours.
        MissingExtraError: pyarrow is not installed.
    """
    with parquet(path) as pq:
        return dict(_stored(path, pq.read_schema(path))["settings"])


@contextmanager
def parquet(path: Path) -> Iterator[Any]:
    """pyarrow's Parquet, whose errors are told in our one line."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading or writing variants", "parquet", "pyarrow") from error
    try:
        yield pq
    except (pa.ArrowException, OSError) as error:
        what = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MienError(f"{path}: cannot be read or written ({what}): mend that, and {_AGAIN}") from error


def _stored(path: Path, schema: pa.Schema) -> dict[str, Any]:
    try:
        found = json.loads((schema.metadata or {})[FORMAT.encode()])
        if not isinstance(found["settings"], dict):
            raise TypeError
    except (KeyError, ValueError, TypeError):
        raise MienError(f"{path}: no shard of mien augment: delete it and {_AGAIN}") from None
    return dict(found)


def _read(source: Path, files: Sequence[Path], settings: Mapping[str, Any]) -> FaceSet:
    """Shards one after another into arrays made for all of them: the pictures are never held twice."""
    with parquet(source) as pq:
        n = sum(pq.read_metadata(file).num_rows for file in files)
        if not n:
            raise MienError(f"{source}: no picture in it: lower --least, or take another generator")
        size = (settings["height"], settings["width"], *((3,) if settings["colour"] == "rgb" else ()))
        pixels, index = np.empty((n, *size), np.uint8), np.empty(n, np.int64)
        made_from, group = np.empty(n, np.int64), np.empty(n, f"U{len(PICTURE) + DIGITS}")
        done = 0
        for file in files:
            table = pq.read_table(file, columns=["image", "label", "made_from", "source"])
            if _stored(file, table.schema)["settings"] != settings:
                raise MienError(
                    f"{file}: made with other settings than its folder's {FILE} says: delete it and {_AGAIN}"
                )
            part = slice(done, done + table.num_rows)
            if table.num_rows:
                pixels[part] = _pictures(file, table.column("image"), pixels.shape[1:])
            words = table.column("label").to_pylist()
            index[part] = [emotion_index(word) for word in words]
            made_from[part] = table.column("made_from").to_numpy()
            group[part] = [PICTURE + key for key in table.column("source").to_pylist()]
            done += table.num_rows
    emotions = tuple(name for name in EMOTIONS if name in settings["emotions"])
    return FaceSet(
        name=f"{settings['data']['name']} variants",
        pixels=pixels,
        targets={settings["labels"]: one_hot(index, emotions)},
        split=np.full(n, TRAINING),
        group=group,
        made_from=made_from,
    )


def _pictures(file: Path, column: pa.ChunkedArray, size: tuple[int, ...]) -> NDArray[np.uint8]:
    """(n, *size): grey pictures of a colour generator stay three planes."""
    broken = BrokenRows(file, "delete the file and run mien augment again")
    encoded = [data for chunk in column.chunks for data in chunk.field("bytes").to_pylist()]
    found = [picture for picture in decode_all(encoded, broken) if picture is not None]
    broken.check()
    pixels = stack(found)
    if len(size) == 3 and pixels.ndim == 3:
        pixels = np.repeat(pixels[..., None], 3, axis=3)
    if pixels.shape[1:] != size:
        raise MienError(f"{file}: pictures of {pixels.shape[1:]}, its settings say {size}: delete it and {_AGAIN}")
    return pixels
