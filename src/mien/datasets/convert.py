"""A data set written anew in a form in which people keep them: FER2013's CSV, Parquet, folders by class."""

from __future__ import annotations

import csv
import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import split_name
from mien.errors import MienError, MissingExtraError
from mien.images.png import encode_png
from mien.labels import EMOTIONS, SEVEN, VOTE_COLUMNS

Picture = NDArray[np.uint8]

SIDE = 48
"""Of FER2013's faces in pixels."""
PER_GROUP = 4096
"""Pictures held in memory at a time for Parquet, a row group."""


def form_of(out: Path) -> str:
    """`csv`, `parquet` or `folders`, by the ending of the place that is to be written.

    Raises:
        MienError: another ending.
    """
    forms = {".csv": "csv", ".parquet": "parquet", "": "folders"}
    if (form := forms.get(out.suffix.lower())) is None:
        raise MienError(f"{out}: not a form that is written: end it in .csv or .parquet, or in nothing for folders")
    return form


def convert(out: Path, faces: FaceSet, scheme: str, pictures: Iterable[Picture]) -> None:
    """Write faces so that the whole stands there, or nothing new.

    Args:
        out: .csv for FER2013's `emotion,pixels,Usage`, .parquet for pictures as PNG with `label`, `usage` and FER+'s
            votes, a name without an ending for folders SPLIT/EMOTION/NUMBER.png, which must not exist or be empty.
        faces: n rows, whose splits, votes and labels of `scheme` are written.
        pictures: one a row, uint8, (h, w) or (h, w, 1) grey or (h, w, 3) RGB; for a CSV all 48 x 48 grey, for
            Parquet of one size and colour.

    Raises:
        MienError: a form that does not hold these faces, naming the first row; a place that cannot be written.
        MissingExtraError: Parquet without pyarrow.
    """
    form, index = form_of(out), faces.hard(scheme)
    _check(out, form, faces, index)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _whole(out) as part:
            _WRITERS[form](part, out, faces, index, pictures)
    except OSError as error:
        raise MienError(f"{out}: {error.strerror or error}: choose a place that can be written") from error


def _check(out: Path, form: str, faces: FaceSet, index: NDArray[np.int64]) -> None:
    if (nameless := np.flatnonzero(index < 0)).size:
        raise MienError(
            f"{out}: {nameless.size} rows without a label, the first row {faces.row[nameless[0]]}: every form names an"
            " emotion; --drop unlabelled leaves them out"
        )
    if form == "csv" and (other := np.flatnonzero(index >= len(SEVEN))).size:
        name = EMOTIONS[index[other[0]]]
        raise MienError(
            f"{out}: row {faces.row[other[0]]} shows {name}, for which FER2013's CSV has no code: write .parquet or"
            f" folders, or --drop {name}"
        )
    names = [str(name) for name in np.unique(faces.split)]
    if "" in names and len(names) > 1:
        row = faces.row[faces.split == ""][0]
        raise MienError(f"{out}: row {row} has no split and others have one: convert them one --split at a time")
    if strange := [name for name in names if name and split_name(name) is None]:
        raise MienError(
            f"{out}: split {strange[0]!r} would not be read again; cut the set into train, validation and test by"
            " mien data split first"
        )


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A place beside `out`, which takes its name once everything is written."""
    if out.is_dir() and (out.suffix or any(out.iterdir())):
        raise MienError(f"{out}: a folder that holds something: choose another name")
    if out.is_file() and not out.suffix:
        raise MienError(f"{out}: a file stands there: choose another name")
    part = out.with_name(f".{out.name}.part")
    _remove(part)  # of a run that was killed
    try:
        yield part
        if out.is_dir():
            out.rmdir()
        part.replace(out)
    finally:
        _remove(part)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _csv(part: Path, out: Path, faces: FaceSet, index: NDArray[np.int64], pictures: Iterable[Picture]) -> None:
    with part.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        usage = bool((faces.split != "").any())
        writer.writerow(("emotion", "pixels", "Usage")[: 2 + usage])
        rows = zip(faces.row, pictures, index.tolist(), faces.split.tolist(), strict=True)
        for row, picture, code, name in rows:
            if picture.shape[:2] != (SIDE, SIDE) or picture.size != SIDE**2:
                raise MienError(f"{out}: row {row} is {_size(picture)}, where FER2013's CSV has {SIDE} x {SIDE} grey")
            writer.writerow((code, " ".join(map(str, picture.ravel().tolist())), name)[: 2 + usage])


def _parquet(part: Path, out: Path, faces: FaceSet, index: NDArray[np.int64], pictures: Iterable[Picture]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("writing Parquet", "parquet", "pyarrow") from error
    columns = {"image": pa.binary(), "label": pa.string()}
    columns |= {"usage": pa.string()} if (faces.split != "").any() else {}
    columns |= {f"ferplus_{name}": pa.int16() for name in VOTE_COLUMNS} if faces.votes is not None else {}
    encoded = (encode_png(picture) for picture in _alike(out, faces, pictures))
    with pq.ParquetWriter(part, pa.schema(list(columns.items())), compression="zstd") as file:
        for start in range(0, len(index), PER_GROUP):
            rows = slice(start, start + PER_GROUP)
            labels = [EMOTIONS[code] for code in index[rows].tolist()]
            values: dict[str, Sequence[object]] = {"image": list(itertools.islice(encoded, len(labels)))}
            values |= {"label": labels, "usage": faces.split[rows].tolist()}
            if faces.votes is not None:
                values |= {f"ferplus_{name}": faces.votes[rows, at].tolist() for at, name in enumerate(VOTE_COLUMNS)}
            file.write_table(pa.table([pa.array(values[name], kind) for name, kind in columns.items()], [*columns]))


def _alike(out: Path, faces: FaceSet, pictures: Iterable[Picture]) -> Iterator[Picture]:
    """The same pictures, as long as they are of one size and colour."""
    first = ""
    for row, picture in zip(faces.row, pictures, strict=True):
        if (size := _size(picture)) != (first := first or size):
            raise MienError(
                f"{out}: row {row} is {size}, row {faces.row[0]} {first}: Parquet holds faces of one size; give"
                " them one by --side, or write folders"
            )
        yield picture


def _size(picture: Picture) -> str:
    colour = "RGB" if picture.ndim == 3 and picture.shape[2] == 3 else "grey"
    return f"{picture.shape[1]} x {picture.shape[0]} {colour}"


def _folders(part: Path, out: Path, faces: FaceSet, index: NDArray[np.int64], pictures: Iterable[Picture]) -> None:
    part.mkdir()
    places = [part / name / EMOTIONS[code] for name, code in zip(faces.split.tolist(), index.tolist(), strict=True)]
    for place in set(places):
        place.mkdir(parents=True)
    digits = len(str(len(index) - 1))
    for row, (picture, place) in enumerate(zip(pictures, places, strict=True)):
        (place / f"{row:0{digits}}.png").write_bytes(encode_png(picture))


_Writer = Callable[[Path, Path, FaceSet, NDArray[np.int64], Iterable[Picture]], None]
_WRITERS: Mapping[str, _Writer] = MappingProxyType({"csv": _csv, "parquet": _parquet, "folders": _folders})
