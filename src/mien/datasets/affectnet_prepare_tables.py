"""The rows of AffectNet's first release, as they are prepared: a broken one spoils none of the others."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.datasets.affectnet import AUTOMATIC, SPLITS
from mien.datasets.affectnet_csv import PATH, is_affectnet, split_of
from mien.datasets.affectnet_prepare_rows import Rows
from mien.datasets.csv_header import read_header
from mien.errors import MienError
from mien.labels import CODES

if TYPE_CHECKING:
    import pandas as pd

_BOX = ("face_x", "face_y", "face_width", "face_height")
_LABELS = ("expression", "valence", "arousal")
_PLACES = ("{}_Annotated_Images", "{0}_Annotated/{0}_Annotated_Images", "{}_Annotated", "{}_Annotated_extracted")


def tables_below(root: Path, splits: Collection[str]) -> dict[Path, str]:
    """AffectNet's tables of these splits in a folder, or in its folders ...file_lists, with the split of each.

    Raises:
        MienError: two tables of one split.
    """
    found: dict[str, Path] = {}
    for path in sorted({*root.glob("*.csv"), *root.glob("*file_lists/*.csv")}):
        split = split_of(path)
        if split not in splits or not is_table(path):
            continue
        if split in found:
            both = f"{found[split].relative_to(root)} and {path.relative_to(root)}"
            raise MienError(f"{root}: {both} are both of {split}: name one by --csv")
        found[split] = path
    return {found[split]: split for split in SPLITS if split in found}


def of_table(table: Path, root: Path, split: str) -> Rows:
    """The rows of one of the first release's tables, whose pictures lie below `root`.

    Raises:
        MienError: no such table, or no folder with its pictures.
    """
    header = read_header(table)
    if not is_affectnet(header):
        raise MienError(
            f"{table}: lacks one of AffectNet's columns {', '.join((PATH, *_BOX, *_LABELS))}: give its table"
        )
    found = _read(table, header.names, header.delimiter)
    numbers = {name: found[name].to_numpy(np.float64) for name in (*_BOX, *_LABELS)}
    known = np.isin(numbers["expression"], list(CODES["affectnet"]))
    paths = found[PATH].fillna("").astype(str).str.strip().tolist()
    wrong = {
        row: f"expression is no number from 0 to {max(CODES['affectnet'])}" for row in np.flatnonzero(~known).tolist()
    }
    wrong |= {row: "no path" for row, path in enumerate(paths) if not path}
    x, y, width, height = (numbers[name] for name in _BOX)
    return Rows(
        split=split,
        source=table.name,
        folders=_folders(table, root, split, paths),
        number=np.arange(len(paths), dtype=np.int64),
        paths=paths,
        codes=np.where(known, numbers["expression"], -1).astype(np.int64),
        affect=np.stack([numbers["valence"], numbers["arousal"]], axis=1),
        box=np.stack([x, y, x + width, y + height], axis=1),  # face_x counts columns, face_y rows
        broken=wrong,
    )


def is_table(path: Path) -> bool:
    """Whether a file is one of AffectNet's tables."""
    try:
        return is_affectnet(read_header(path))
    except MienError:
        return False


def _read(table: Path, names: tuple[str, ...], delimiter: str) -> pd.DataFrame:
    """Paths as text and the other columns as numbers, NaN where they are none."""
    import pandas as pd

    spelt = {name.lower(): name for name in names}
    columns = {spelt[name.lower()]: name for name in (PATH, *_BOX, *_LABELS)}
    options: dict[str, Any] = {"sep": delimiter, "usecols": list(columns), "names": list(names), "skiprows": 1}
    found: pd.DataFrame
    try:
        # the landmarks, nine tenths of the file, are passed over; a row that is cut off has empty fields at its end
        found = pd.read_csv(table, header=None, na_values=["NULL"], dtype=str, encoding="utf-8-sig", **options)
    except pd.errors.EmptyDataError:
        found = pd.DataFrame(columns=list(columns))
    except ValueError as error:  # of the parser, or no UTF-8
        raise MienError(f"{table}: not readable as CSV ({str(error).strip()}): get the file again") from error
    if not len(found):
        raise MienError(f"{table}: a header and no rows: get the file again")
    found = found.rename(columns=columns)
    for name in (*_BOX, *_LABELS):
        found[name] = pd.to_numeric(found[name], errors="coerce")
    return found


def _folders(table: Path, root: Path, split: str, paths: list[str]) -> tuple[str, ...]:
    """Folders of pictures that are there, the root itself where its folders are named in the table."""
    word = "Automatically" if split == AUTOMATIC else "Manually"
    places = [place.format(word) for place in _PLACES]
    there = [str(root / place) for place in places if (root / place).is_dir()]
    parents = {path.rpartition("/")[0] for path in paths} - {""}
    if any((root / parent).is_dir() for parent in parents) or any((root / Path(p).name).is_file() for p in paths[:100]):
        there.append(str(root))
    if not there:
        raise MienError(f"{table}: no folder {places[0]} or {places[-1]} in {root}: unpack the pictures there")
    return tuple(there)
