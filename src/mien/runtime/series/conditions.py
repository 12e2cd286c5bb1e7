"""Which part of an experiment a row falls into, from a list of stretches of time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_columns import read_columns
from mien.datasets.csv_header import read_header
from mien.errors import MienError

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("input", "start", "end", "condition")


def read_conditions(path: str | Path) -> pd.DataFrame:
    """`input, start, end, condition` from a CSV file, times in seconds; other columns are joined too.

    Raises:
        MienError: columns missing, times that are none, an end before its start, or stretches that overlap.
    """
    import pandas as pd

    path = Path(path)
    header = read_header(path)
    missing = [name for name in NAMES if header.find(name) is None]
    if missing:
        raise MienError(f"{path}: header: no column {', '.join(missing)}; the columns are {', '.join(NAMES)}")
    found = read_columns(path, header)
    names = [name.lower() if name.lower() in NAMES else name for name in header.names]
    table = pd.DataFrame(dict(zip(names, map(list, found.cells), strict=True)), dtype=object)
    broken = BrokenRows(path, "mend the row")
    for name in ("start", "end"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        for row in np.flatnonzero(~np.isfinite(numbers.to_numpy(np.float64))).tolist():
            broken.add(row, f"{name} is {table[name].iloc[row]!r}, no time in seconds", found.lines[row])
        table[name] = numbers.astype("float64")
    for row in np.flatnonzero((table["end"] <= table["start"]).to_numpy()).tolist():
        broken.add(row, f"ends at {table['end'].iloc[row]:g} s and starts at {table['start'].iloc[row]:g} s")
    broken.check()
    for source, part in table.groupby("input", sort=False):
        part = part.sort_values("start", kind="stable")
        for row in part.index[1:][(part["start"].to_numpy()[1:] < part["end"].to_numpy()[:-1] - 1e-9)].tolist():
            broken.add(int(row), f"overlaps another stretch of {source}", found.lines[row])
    broken.check()
    return table


def with_conditions(table: pd.DataFrame, conditions: pd.DataFrame, name: str | Path = "the conditions") -> pd.DataFrame:
    """The table with `condition`, and further columns of the list, from `start` up to before `end`; empty outside.

    An input is named as in the table, or by its file's name where only one input has that.

    Raises:
        MienError: a column that the table has already, or a list that names none of its inputs.
    """
    import pandas as pd

    table = table.reset_index(drop=True)
    more = [column for column in conditions.columns if column not in ("input", "start", "end")]
    for column in more:
        if column in table:
            raise MienError(f"{name}: the table has a column {column!r} already; rename one of the two")
    inputs = list(dict.fromkeys(table["input"]))
    short: dict[str, list[str]] = {}
    for one in inputs:
        short.setdefault(Path(str(one)).name, []).append(one)
    time, source = table["time"].to_numpy(np.float64), table["input"].to_numpy(object)
    columns = {column: np.full(len(table), None, dtype=object) for column in more}
    named = 0
    for row in conditions.to_dict("records"):
        matches = [row["input"]] if row["input"] in inputs else short.get(row["input"], [])
        if len(matches) > 1:
            raise MienError(f"{name}: {row['input']!r} names {len(matches)} inputs; write it as the table does")
        named += len(matches)
        if not matches:
            continue
        here = (source == matches[0]) & (time >= row["start"]) & (time < row["end"])
        for column in more:
            columns[column][here] = row[column]
    if not named:
        raise MienError(f"{name}: names none of the table's inputs, such as {inputs[0] if inputs else 'any'!r}")
    return table.assign(**{column: pd.Series(values, dtype=object) for column, values in columns.items()})
