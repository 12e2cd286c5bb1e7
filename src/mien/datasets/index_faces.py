"""The faces that an index names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.address import address
from mien.datasets.cache import content_hash
from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.datasets.ferplus import join_votes
from mien.datasets.index import DIGITS, Index, is_synthetic
from mien.errors import MienError

Load = Callable[[str], FaceSet]


def faces_of(path: Path, index: Index, load: Load, *, fold: int | None = None, remember: bool = True) -> FaceSet:
    """The rows of an index, in its order, with its splits and weights; `file` and `row` say where they came from.

    Args:
        path: of the index, for messages.
        index: what `read_index` found there.
        load: reads a source, without votes.
        fold: None: rows with a fold are in the splits fold0, fold1, ...; a number: rows of that fold are in
            Validation, those of the others in Training. Rows without a fold keep their split.
        remember: the hash of the votes.

    Raises:
        MienError: a source that is gone, has changed or has fewer rows, with the line; or no such fold.
    """
    first, which = _numbered(index)
    parts, positions, contents = [], [], []
    for number, at in enumerate(first):
        rows = np.flatnonzero(which == number)
        part = _source(path, index.select(rows), str(index.source[at]), str(index.ferplus[at]), load, remember)
        contents.append(part.content)
        parts.append(part.select(index.row[rows]))
        positions.append(rows)
    whole = concatenate(parts)
    if len(first) > 1:
        whole = whole.select(np.argsort(np.concatenate(positions), kind="stable"))
    split = _splits(path, index, fold)
    return whole.replace(
        split=split,
        weight=np.where(np.isnan(index.weight), whole.weight, index.weight).astype(np.float32),
        content=_content(index, which, split, contents),
    )


def kept_content(source: FaceSet, ferplus: str = "", *, remember: bool = True) -> str:
    """What an index keeps of a source's content, and of the votes that are joined to it."""
    votes = f"+{content_hash(Path(ferplus), remember=remember)[:DIGITS]}" if ferplus else ""
    return source.content[:DIGITS] + votes


def _source(path: Path, rows: Index, source: str, ferplus: str, load: Load, remember: bool) -> FaceSet:
    """A source with its votes, if it is what the index was made of."""
    line = int(rows.line[0])
    for place in (source, ferplus):
        if place and not is_synthetic(place) and not Path(address(place).path).exists():
            raise MienError(
                f"{path}: line {line}: no such file or folder {place}: bring it back, or mend the path in the index"
            )
    faces = load(source)
    now = kept_content(faces, ferplus, remember=remember)
    for content in np.unique(rows.content).tolist():
        # votes that the index did not know of, or that were left out, are no change
        known = list(zip(content.split("+"), now.split("+"), strict=False)) if content else []
        for what, (then, found) in zip((source, ferplus), known, strict=False):
            if then != found:
                at = int(rows.line[rows.content == content][0])
                raise MienError(
                    f"{path}: line {at}: {what} has changed since the index was made (content {then}, now {found}): "
                    "make the index anew, or bring the old file back"
                )
    if ferplus:
        faces = join_votes(faces, Path(ferplus), remember=remember)
    beyond = np.flatnonzero(rows.row >= len(faces))
    if len(beyond):
        first, more = beyond[0], f" ({len(beyond) - 1} more)" if len(beyond) > 1 else ""
        raise MienError(
            f"{path}: line {rows.line[first]}: row {rows.row[first]} of {source}, "
            f"which has rows 0..{len(faces) - 1}{more}: make the index anew for this data"
        )
    return faces


def _splits(path: Path, index: Index, fold: int | None) -> NDArray[np.str_]:
    folded = index.fold >= 0
    if fold is None:
        return np.where(folded, np.char.add("fold", index.fold.astype(np.str_)), index.split)
    if not (index.fold == fold).any():
        have = ", ".join(map(str, np.unique(index.fold[folded]).tolist())) or "none"
        raise MienError(f"{path}: no fold {fold}: it has {have}")
    clash = np.flatnonzero(~folded & np.isin(index.split, (TRAINING, VALIDATION)))
    if len(clash):
        raise MienError(
            f"{path}: line {index.line[clash[0]]}: split {index.split[clash[0]]} beside folds, which take that name: "
            "give such rows a fold or another split"
        )
    return np.where(folded, np.where(index.fold == fold, VALIDATION, TRAINING), index.split)


def _numbered(index: Index) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each source with its votes, and (n,) which of them each row is of."""
    _, source = np.unique(index.source, return_inverse=True)
    votes, ferplus = np.unique(index.ferplus, return_inverse=True)
    _, first, which = np.unique(source * len(votes) + ferplus, return_index=True, return_inverse=True)
    return first.astype(np.int64), which.astype(np.int64)


def _content(index: Index, which: NDArray[np.int64], split: NDArray[np.str_], contents: list[str]) -> str:
    """A hash of the sources and of what the index says."""
    sha = hashlib.sha256("\n".join(contents).encode())
    sha.update(which.astype("<i8").tobytes())
    sha.update(index.row.astype("<i8").tobytes() + index.weight.astype("<f4").tobytes())
    sha.update("\n".join(split.tolist()).encode())
    return sha.hexdigest()
