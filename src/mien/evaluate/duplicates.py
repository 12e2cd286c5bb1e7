"""Rows whose picture also stands in another split, pixel by pixel or nearly."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.cache import cache_dir
from mien.datasets.face_set import FaceSet
from mien.evaluate.pixels import crops, originals
from mien.evaluate.same_picture import SIZE, VERSION, same_pictures
from mien.whole_file import whole_file

NOWHERE, NEAR, EXACT = 0, 1, 2
"""Where else a row's picture stands: in no other split, nearly, or with the very same pixels."""


def elsewhere(faces: FaceSet, rows: NDArray[np.bool_], *, cache: bool = True) -> NDArray[np.uint8] | None:
    """Whether the picture of each row also stands in a split other than its own.

    Args:
        faces: the whole data set, all splits.
        rows: (n,) which rows are asked about.
        cache: keep the answer under MIEN_CACHE, beside the data's hash.

    Returns:
        (number of asked rows,) of NOWHERE, NEAR and EXACT, or None where the set has a single split, in
        which case the question has no answer.

    Raises:
        MienError: a picture that cannot be read.
    """
    if len(np.unique(faces.split)) < 2:
        return None
    entry = _entry(faces, rows) if cache else None
    found = _load(entry, int(rows.sum())) if entry else None
    if found is None:
        found = _search(faces, rows)
        if entry:
            _save(entry, found)
    return found


def exact_groups(faces: FaceSet) -> NDArray[np.int64]:
    """(n,) numbers from 0; rows with the very same pixels share one."""
    seen: dict[tuple[tuple[int, ...], bytes], int] = {}
    out = np.empty(len(faces), np.int64)
    for row, picture in enumerate(originals(faces)):
        key = (picture.shape, hashlib.blake2b(picture.tobytes(), digest_size=16).digest())
        out[row] = seen.setdefault(key, len(seen))
    return out


def _search(faces: FaceSet, rows: NDArray[np.bool_]) -> NDArray[np.uint8]:
    names, split = np.unique(faces.split, return_inverse=True)
    group = exact_groups(faces)
    groups = int(group.max()) + 1
    stands = np.zeros((groups, len(names)), np.bool_)  # in which splits each picture stands
    stands[group, split] = True
    asked = np.flatnonzero(rows)
    exact = _in_others(stands, group[asked], split[asked])

    queries = np.unique(group[asked[~exact]])
    own = np.unique(split[asked])
    # with one split asked about, pictures that stand in it alone cannot answer
    references = np.flatnonzero(np.delete(stands, own, axis=1).any(axis=1)) if len(own) == 1 else np.arange(groups)
    first_row = np.unique(group, return_index=True)[1]
    thumbnails = np.concatenate([part[..., 0] for part in crops(faces.select(first_row), SIZE, SIZE, "grey")])
    pairs = same_pictures(thumbnails, queries, references)
    near_stands = np.zeros_like(stands)
    np.logical_or.at(near_stands, pairs.first, stands[pairs.second])
    near = _in_others(near_stands, group[asked], split[asked])
    return np.where(exact, EXACT, np.where(near, NEAR, NOWHERE)).astype(np.uint8)


def _in_others(stands: NDArray[np.bool_], group: NDArray[np.int64], split: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(m,) whether a row's picture stands in any split but the row's own."""
    splits = stands[group]
    splits[np.arange(len(group)), split] = False
    return np.asarray(splits.any(axis=1))


def _entry(faces: FaceSet, rows: NDArray[np.bool_]) -> Path | None:
    if faces.pixels is None and not faces.content:
        return None  # files that may change under their names
    key = hashlib.sha256(f"{VERSION} {faces.digest()} {faces.content} ".encode())
    key.update(np.packbits(rows).tobytes())
    return cache_dir() / "duplicates" / f"{key.hexdigest()[:40]}.npz"


def _load(entry: Path, n: int) -> NDArray[np.uint8] | None:
    try:
        with np.load(entry, allow_pickle=False) as stored:
            found = stored["elsewhere"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # none yet, or damaged: made again
    return found if found.shape == (n,) and found.dtype == np.uint8 else None


def _save(entry: Path, found: NDArray[np.uint8]) -> None:
    # a cache that cannot be written is no error
    with contextlib.suppress(OSError), whole_file(entry) as part, part.open("wb") as file:
        np.savez_compressed(file, elsewhere=found)
