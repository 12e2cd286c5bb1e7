"""Any data set, recognised by what is in it."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets import (
    affectnet_csv,
    ckextended,
    emotionet,
    fer2013,
    ferplus_folders,
    folders,
    jaffe,
    parquet,
    unit_csv,
    variants,
)
from mien.datasets.address import Address, address
from mien.datasets.cache import cached, content_hash, tree_hash
from mien.datasets.concatenate import concatenate
from mien.datasets.csv_header import read_header
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import split_order
from mien.datasets.ferplus import is_label_csv, is_votes, join_votes
from mien.datasets.folder_sets import check_readings, recognised
from mien.datasets.index import Index, index_of, is_index, is_synthetic, read_index
from mien.datasets.index_faces import faces_of, kept_content
from mien.datasets.protocols import sides
from mien.datasets.source import Source
from mien.errors import MienError
from mien.images.kind import kind_of


def load_dataset(
    path: str | Path, *, labels: str | None = None, ferplus: str | Path | None = None, cache: bool = True
) -> FaceSet:
    """Read a data set.

    Args:
        path: FER2013 as CSV (whole, or a split) or a folder of such files; Parquet with encoded pictures
            or a folder of shards; folders SPLIT/CLASS/* or CLASS/* of pictures; FER+'s folders of pictures
            beside a label.csv; JAFFE, CK+, CK+48, RAF-DB, AffectNet, EmotioNet, DISFA and BP4D in the layouts of
            docs/data.md; a CSV of paths and action units; a folder that `mien augment` made; an index file of
            `mien data split` or `balance`, whose folds are its splits, or with `:fold=2` behind its name Validation
            (that fold) and Training (the others); or `synthetic`, with settings as in
            `synthetic:n=500,seed=1,difficulty=0.3`. What it is shows in its content, not in its name.
            Behind a path may stand `:protocol=loso,fold=3`, whose splits take the place of the set's own, of CK+
            `frames=peak` and `neutral=no`, and of sets with intensities of action units `cut=1`.
        labels: a scheme that the set must have labels for, e.g. "fer2013" or "ferplus"; None for any.
        ferplus: FER+'s fer2013new.csv, whose votes are joined to FER2013's rows.
        cache: keep what was read, and use what was kept, in `cache_dir()`.

    Raises:
        MienError: a missing, unknown or broken file, with the row; or labels that the set does not have.
        MissingExtraError: Parquet without pyarrow.
    """
    faces, _ = load_indexed(path, ferplus=ferplus, cache=cache)
    if labels is not None:
        _check_labels(faces, labels, str(path))
    return faces


def load_indexed(path: str | Path, *, ferplus: str | Path | None = None, cache: bool = True) -> tuple[FaceSet, Index]:
    """A data set as `load_dataset` reads it, and an index that names its rows.

    An index of an index names the rows of the latter's sources, so that indexes never stand on each other.

    Raises:
        MienError: as for `load_dataset`.
    """
    votes = "" if ferplus is None else str(_existing(ferplus).absolute())
    if is_synthetic(str(path)):
        return _whole(str(path), votes, cache)
    asked = address(str(path))
    place = _existing(asked.path)
    if place.is_file() and is_index(place):
        check_readings(place, asked.readings)
        index = read_index(place)
        if votes:
            index = index.replace(ferplus=np.full(len(index), votes))
        fold = None if asked.protocol else asked.fold
        faces = faces_of(place, index, lambda source: _load(source, cache), fold=fold, remember=cache)
        if fold is not None:
            index = index.replace(split=faces.split, fold=np.full(len(index), -1, np.int64))
    elif asked.fold is not None and not asked.protocol:
        raise MienError(
            f"{asked.path}: no index file, so that it has no fold {asked.fold}: make one with mien data split, or name"
            " a protocol as in :protocol=loso,fold=0"
        )
    else:
        faces, index = _whole(asked.source, votes, cache)
    if asked.protocol:
        split = sides(faces, asked.protocol, asked.fold)
        faces, index = faces.replace(split=split), index.replace(split=split, fold=np.full(len(index), -1, np.int64))
    return faces, index


def _whole(source: str, votes: str, cache: bool) -> tuple[FaceSet, Index]:
    """One data set that is no index, with votes, as it stands."""
    faces = _load(source, cache)
    content = kept_content(faces, votes, remember=cache)
    if votes:
        faces = join_votes(faces, Path(votes), remember=cache)
    source = source if is_synthetic(source) else str(Path(source).expanduser().absolute())
    return faces, index_of(source, len(faces), faces.split, ferplus=votes, content=content)


def _load(path: str, cache: bool) -> FaceSet:
    """One data set that is no index, without votes."""
    if is_synthetic(path):
        return _synthetic(path)
    asked = address(path)
    place = _existing(asked.path)
    try:
        return _from_folder(place, cache, asked) if place.is_dir() else _from_file(place, cache, asked)
    except OSError as error:
        what = error.strerror or str(error)
        raise MienError(f"{error.filename or path}: {what}: give what can be read") from error


def _existing(path: str | Path) -> Path:
    place = Path(path).expanduser()
    try:
        place.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in it
        what = "no such file or folder" if isinstance(error, FileNotFoundError) else str(error)
        raise MienError(f"{path}: {what}: check the path") from error
    return place


def _check_labels(faces: FaceSet, labels: str, source: str) -> None:
    have = [scheme for scheme in faces.emotion_schemes if not np.isnan(faces.targets[scheme]).all()]
    if labels in have:
        return
    if labels == "ferplus" and faces.name == "fer2013":
        remedy = "pass --ferplus fer2013new.csv"
    else:
        remedy = f"choose --labels from {', '.join(have)}" if have else "it can only be predicted on"
    raise MienError(f"{source}: no {labels} labels among its rows ({', '.join(have) or 'none'}): {remedy}")


def _from_file(path: Path, cache: bool, asked: Address | None = None) -> FaceSet:
    with path.open("rb") as file:
        start = file.read(64)
    readings = asked.readings if asked else {}
    units = None if start.startswith(parquet.MAGIC) or kind_of(start) else _unit_table(path, readings)
    check_readings(path, readings, units.readings if units else ())
    if units is not None:
        return _read_source(path.parent, units, cache)
    if start.startswith(parquet.MAGIC) and variants.is_shard(path):
        return _read_file(path, f"variants {variants.VERSION} shard", variants.read_shard, cache)
    if start.startswith(parquet.MAGIC):
        reader = f"parquet {parquet.VERSION} {parquet.told_by_name(path)}"
        return _read_file(path, reader, parquet.read_parquet, cache)
    kind = kind_of(start)
    if kind:
        raise MienError(f"{path}: a {kind} picture, not a data set: give a folder SPLIT/CLASS/ of pictures")
    header = read_header(path)
    if fer2013.has_pixels(header) and ckextended.is_ckextended(path, header):
        return _read_file(path, f"ckextended {ckextended.VERSION}", ckextended.read_ckextended, cache)
    if affectnet_csv.is_affectnet(header):
        root = affectnet_csv.pictures_root(path)
        return _read_source(root, affectnet_csv.source_of(root, [path]), cache)
    if jaffe.is_jaffe_table(path):
        raise MienError(f"{path}: JAFFE's rows without pictures: give the folder that holds this file and the pictures")
    if fer2013.has_pixels(header):
        # the split of a file without Usage may stand in its name alone
        told = "" if fer2013.is_whole(header) else fer2013.named_split(path)
        return _read_file(path, f"fer2013 {fer2013.VERSION} {told}", fer2013.read_csv, cache)
    if is_votes(path) or is_label_csv(path):
        raise MienError(f"{path}: FER+'s votes without pictures: give FER2013, and this file as --ferplus")
    shown = ", ".join(header.names)[:80]
    raise MienError(
        f"{path}: not a known data set (line 1: {shown}): give FER2013 as CSV (emotion,pixels,Usage), "
        "Parquet, or folders SPLIT/CLASS/"
    )


def _unit_table(path: Path, readings: Mapping[str, str]) -> Source | None:
    """A table of action units that names pictures in its folder, or None."""
    return emotionet.source_of_file(path) or unit_csv.source_of_file(path, readings)


def _read_file(path: Path, reader: str, read: Callable[[Path], FaceSet], cache: bool) -> FaceSet:
    content = content_hash(path, remember=cache)
    faces = cached(content, reader, lambda: read(path), enabled=cache)
    return faces.replace(file=np.broadcast_to(np.array(str(path)), len(faces)))


def _from_folder(root: Path, cache: bool, asked: Address) -> FaceSet:
    if variants.is_variants_folder(root):
        check_readings(root, asked.readings)
        files = [root / variants.FILE, *variants.shard_files(root)]
        return _read_tree(root, files, f"variants {variants.VERSION}", lambda: variants.read_variants(root), cache)
    source = recognised(root, asked.readings)
    if source is not None:
        return _read_source(root, source, cache)
    check_readings(root, asked.readings)
    if ferplus_folders.is_ferplus_folder(root):
        files = ferplus_folders.ferplus_files(root)
        reader = f"ferplus {ferplus_folders.VERSION}"
        return _read_tree(root, files, reader, lambda: ferplus_folders.read_ferplus_folders(root), cache)
    if folders.is_class_folder(root):
        pictures = folders.find_pictures(root)
        reader = f"folders {folders.VERSION} {root.resolve().name}"
        files = [p.path for p in pictures]
        return _read_tree(root, files, reader, lambda: folders.read_folders(root, pictures), cache)
    shards = sorted(root.rglob("*.parquet"), key=parquet.shard_order)
    if shards:
        return _joined([_from_file(shard, cache) for shard in shards])
    tables = {path: read_header(path) for path in sorted(root.glob("*.csv")) if path.stat().st_size}
    tables = {path: header for path, header in tables.items() if fer2013.has_pixels(header)}
    whole = [path for path, header in tables.items() if fer2013.is_whole(header)]
    if len(whole) > 1:
        names = ", ".join(path.name for path in whole)
        raise MienError(f"{root}: several whole data sets ({names}): name one of them")
    if tables:
        parts = [_from_file(path, cache) for path in whole or tables]
        return _joined(sorted(parts, key=lambda part: split_order(str(part.split[0]))))
    raise MienError(f"{root}: no known data set in this folder: expected SPLIT/CLASS/ folders, CSV or Parquet")


def _read_source(root: Path, source: Source, cache: bool) -> FaceSet:
    return _read_tree(root, source.files, source.reader, source.read, cache, source.content)


def _read_tree(
    root: Path, files: list[Path], reader: str, read: Callable[[], FaceSet], cache: bool, content: str = ""
) -> FaceSet:
    """A set of many files, which is kept with paths below `root` so that the folder may move."""
    faces = cached(content or tree_hash(root, files, remember=cache), reader, read, enabled=cache)
    below = str(root).rstrip("/") + "/"
    file = _placed(below, faces.file)
    if faces.paths is None:
        return faces.replace(file=file)
    # one array for both where they agree: half a million paths take some hundred megabytes
    paths = file if np.array_equal(faces.paths, faces.file) else _placed(below, faces.paths)
    return faces.replace(file=file, paths=paths)


def _placed(below: str, names: NDArray[np.str_]) -> NDArray[np.str_]:
    """Paths below a folder; a table may also name pictures by absolute ones, which stay."""
    placed = np.char.add(below, names)
    absolute = np.array([name[:1] == "/" or name[1:3] == ":/" for name in names.tolist()], np.bool_)
    return np.where(absolute, names, placed) if absolute.any() else placed


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
