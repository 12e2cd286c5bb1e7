"""A table read back from a file: CSV, Parquet, JSON or OpenFace's columns, whoever wrote it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.errors import MienError, MissingExtraError
from mien.labels import AFFECT, EMOTIONS
from mien.table import COLUMNS, INTENSITY, kind

if TYPE_CHECKING:
    import pandas as pd

MARKS = ("segment", "filled")
"""Whole-number columns that the time series add."""
NUMBERS = ("lag",)
CHANGES = ("_delta", "_logratio")
"""Endings of the columns that a baseline adds."""
REMEDY = "mend the row, or write the table anew with `mien analyze`"


def is_unit(column: str) -> bool:
    """Whether a column is an action unit's, its probability's or its intensity's, spelled as the table spells it."""
    unit = column.removesuffix(INTENSITY)
    return len(unit) == 4 and unit.startswith("AU") and unit[2:].isdigit()


def read_table(path: str | Path) -> pd.DataFrame:
    """The table of INTERFACE: whole numbers as Int64, numbers as float64, words as objects with None for empty cells.

    OpenFace's columns are turned back into ours: frames from 0, `AU.._p` as the probability, `AU.._r` as
    the intensity 0..5. Columns that are not ours
    (`subject`, `condition`) are kept as text.

    Raises:
        MienError: no table, a cell that is no number, a value out of its range, or a track twice in one frame.
        MissingExtraError: Parquet without pyarrow.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        table = _parquet(path)
    elif suffix == ".json":
        table = _json(path)
    else:
        table = _csv(path)
    return checked(_ours(path, table), path)


def checked(table: pd.DataFrame, name: str | Path = "the table") -> pd.DataFrame:
    """The same table with the table's types, its values in their ranges.

    Raises:
        MienError: as `read_table`; rows are counted from 0.
    """
    import pandas as pd

    broken = BrokenRows(name, REMEDY)
    out = {}
    for column in table.columns:
        cells = table[column]
        if not _is_number(column):
            text = cells.astype(object)
            out[column] = text.where(text.notna() & (text != ""), None)
            continue
        numbers = pd.to_numeric(cells.replace("", None) if cells.dtype == object else cells, errors="coerce")
        bad = numbers.isna() & cells.notna() & (cells.astype(str).str.strip() != "")
        _note(broken, bad, column, cells, "no number")
        low, high = _range(column)
        numbers = numbers.astype("float64")
        _note(broken, (numbers < low) | (numbers > high) | np.isinf(numbers), column, cells, "out of range")
        if _is_whole(column):
            _note(broken, numbers.notna() & (numbers != numbers.round()), column, cells, "no whole number")
            numbers = numbers.round().astype("Int64")
        out[column] = numbers
    done = pd.DataFrame(out, index=range(len(table)))
    _twice(done, broken)
    broken.check()
    return done


def _note(broken: BrokenRows, bad: Any, column: str, cells: Any, what: str) -> None:
    for row in np.flatnonzero(np.asarray(bad, bool)).tolist():
        broken.add(row, f"{column} is {cells.iloc[row]!r}, {what}")


def _twice(table: pd.DataFrame, broken: BrokenRows) -> None:
    names = ["input", "frame", "track"]
    if not set(names) <= set(table.columns):
        return
    known = table[table["track"].notna() & table["frame"].notna()]
    for row in known.index[known.duplicated(names)].tolist():
        broken.add(int(row), f"track {table['track'][row]} stands twice in frame {table['frame'][row]}")


def _is_whole(column: str) -> bool:
    return column in MARKS or (column in COLUMNS and kind(column) is int)


def _is_number(column: str) -> bool:
    ours = column in COLUMNS and kind(column) is not str
    return ours or column in (*MARKS, *NUMBERS, *AFFECT) or is_unit(column) or column.endswith(CHANGES)


def _range(column: str) -> tuple[float, float]:
    near = 1e-4  # six significant digits, and sums of float32
    if column in (*EMOTIONS, "confidence"):
        return -near, 1 + near
    if is_unit(column):
        return -near, 5 + near
    if column in AFFECT:
        return -1 - near, 1 + near
    if column in ("success", "abstain", "filled"):
        return 0, 1
    if column in ("frame", "face", "track"):
        return 0, float(1 << 53)
    return -np.inf, np.inf


def _ours(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Our columns, also of OpenFace's."""
    names = set(table.columns)
    if {"face_id", "timestamp"} <= names:
        return _from_openface(path, table)
    if "FaceRectX" in names and "time" not in names:
        raise MienError(
            f"{path}: header: py-feat's columns, which have no times; write the table as csv, parquet or json"
        )
    missing = [name for name in ("input", "frame", "time", "track", "success") if name not in names]
    if missing:
        raise MienError(
            f"{path}: header: no column {', '.join(missing)}; give a table that `mien analyze` wrote, or its columns"
        )
    if table.empty:
        raise MienError(f"{path}: a header and no rows; give a table that `mien analyze` finished")
    return table


def _from_openface(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    numbers = {}
    for name in table.columns:
        if name == "input":
            continue
        numbers[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
        for row in np.flatnonzero((numbers[name].isna() & (table[name].fillna("") != "")).to_numpy())[:1]:
            raise MienError(f"{path}: row {row}: {name} is {table[name].iloc[row]!r}, no number: {REMEDY}")
    success = numbers.get("success", pd.Series(1.0, index=table.index))
    out: dict[str, Any] = {
        "input": table.get("input", path.stem),
        "frame": numbers["frame"] - 1,
        "time": numbers["timestamp"],
        "track": numbers["face_id"].where(success == 1),
        "success": success,
    }
    if "confidence" in numbers:
        out["FaceScore"] = numbers["confidence"].where(success == 1)
    out |= {name: numbers[name] for name in (*EMOTIONS, *AFFECT) if name in numbers}
    both = any(name.endswith("_p") and is_unit(name[:-2]) for name in table.columns)
    for name in table.columns:  # probabilities where it has them, as our tables do; else intensities have the name
        unit, ending = name[:-2], name[-2:]
        if ending in ("_r", "_p") and is_unit(unit):
            out[unit + (INTENSITY if both and ending == "_r" else "")] = numbers[name].where(success == 1)
    frame = pd.DataFrame(out)
    present = [name for name in EMOTIONS if name in frame]
    if present:
        emotion = frame[present].fillna(-1).to_numpy()
        top = [present[i] if emotion[row, i] >= 0 else None for row, i in enumerate(emotion.argmax(axis=1))]
        frame["emotion"], frame["confidence"] = pd.Series(top, dtype=object), frame[present].max(axis=1)
    return frame


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    broken = BrokenRows(path, REMEDY)
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(names):  # also the last one of a run that was killed
                    broken.add(len(rows), f"{len(cells)} fields, expected {len(names)}", reader.line_num)
                rows.append(cells)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; give a table that can be read") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not readable as CSV ({error}); give a table as csv, parquet or json") from error
    if not names:
        raise MienError(f"{path}: an empty file; give a table that `mien analyze` wrote")
    broken.check()
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise MienError(f"{path}: header: two columns {twice[0]!r}; rename one of them")
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    cleared = ([cell or None for cell in column] for column in columns)
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in zip(names, cleared, strict=True)})


def _parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError(f"{path}", "parquet", "pyarrow") from error
    import pandas as pd

    try:
        read = pq.read_table(str(path))
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise MienError(f"{path}: not readable as Parquet ({reason}); write the table anew") from error
    columns: dict[str, Any] = {}
    for name in read.column_names:  # through lists whole numbers with gaps stay whole
        columns[name] = pd.Series(read.column(name).to_pylist(), dtype=object)
    return pd.DataFrame(columns)


def _json(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; give a table that can be read") from error
    except ValueError as error:
        raise MienError(f"{path}: not readable as JSON ({error}); a table has an end, write it anew") from error
    rows = document.get("rows") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MienError(f'{path}: no list "rows"; give the JSON of `mien analyze --format json`')
    names: Iterable[str] = dict.fromkeys(
        [*(document.get("columns", []) if isinstance(document, dict) else []), *(key for row in rows for key in row)]
    )
    columns = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    return pd.DataFrame(columns)
