"""Short pauses of a face filled in between, where asked; each such row says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mien.labels import AFFECT
from mien.runtime.series.people import channels, each, looked_at, people
from mien.runtime.series.read import is_unit
from mien.runtime.series.smoothing import renamed
from mien.table import COLUMNS

if TYPE_CHECKING:
    import pandas as pd


def fill(table: pd.DataFrame, seconds: float) -> pd.DataFrame:
    """The table with pauses of at most `seconds` between two rows of a face drawn through, linearly in time.

    A filled row stands for a frame that was looked at and has no numbers of this face. It has `filled` 1 and
    `success` 0, no box and no `set`: no face was seen, and summaries do not count it. A frame's row without any face
    gives way to the filled row. A face that was found and not classified keeps `success` 1. Columns that are not ours
    (`subject`) are those of the row before the pause.

    Adds `filled`, 0 or 1.

    Raises:
        MienError: no times, or several faces in a frame without tracks.
    """
    import pandas as pd

    table = table.reset_index(drop=True)
    known, frames = channels(table), looked_at(table)
    time = table["time"].to_numpy(np.float64)
    theirs = [name for name in table.columns if name not in (*COLUMNS, *AFFECT) and not is_unit(name)]
    by_input = dict(iter(frames.groupby("input", sort=False)))
    main = list(known.blocks[0]) if known.blocks else []
    mended: dict[int, dict[str, float]] = {}
    added: list[dict[str, Any]] = []
    for person, rows in people(table):
        good = rows[np.isfinite(table[main].to_numpy(np.float64)[rows]).all(axis=1)]
        if len(good) < 2:
            continue
        at, values = time[good], table[list(known.all)].to_numpy(np.float64)[good]
        own = dict(zip(time[rows].tolist(), rows.tolist(), strict=True))
        looked = by_input[person.input]
        inside = looked["time"].between(at[0], at[-1]) & ~looked["time"].isin(at)
        for frame in each(looked[inside]):
            after = int(np.searchsorted(at, frame.time))
            pause = at[after] - at[after - 1]
            if pause > seconds * (1 + 1e-9):
                continue
            share = (frame.time - at[after - 1]) / pause
            between = values[after - 1] + share * (values[after] - values[after - 1])
            numbers = dict(zip(known.all, between.tolist(), strict=True))
            if frame.time in own:
                mended[own[frame.time]] = numbers
                continue
            place = {"input": person.input, "frame": frame.frame, "time": frame.time, "track": person.track}
            before = table.loc[good[after - 1], theirs].to_dict()
            added.append({**before, **place, "success": 0, "abstain": 0, **numbers})
    return _merged(table.assign(filled=pd.Series(np.zeros(len(table)), dtype="Int64")), mended, added)


def _merged(table: pd.DataFrame, mended: dict[int, dict[str, float]], added: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    for row, numbers in mended.items():
        table.loc[row, [*numbers, "filled"]] = [*numbers.values(), 1]
    if added:
        extra = pd.DataFrame(added).assign(filled=1).reindex(columns=table.columns)
        extra = extra.astype({name: table[name].dtype for name in table.columns})
        filled = pd.MultiIndex.from_frame(extra[["input", "time"]])
        empty = (table["success"] == 0).fillna(False).to_numpy(bool)
        gone = pd.MultiIndex.from_frame(table[["input", "time"]]).isin(filled) & empty
        if "error" in table:
            reasons = {(row.input, row.time): row.error for row in each(table[gone & table["error"].notna()])}
            extra["error"] = pd.Series([reasons.get((row.input, row.time)) for row in each(extra)], dtype=object)
        order = {name: i for i, name in enumerate(dict.fromkeys(table["input"]))}
        parts: list[pd.DataFrame] = [table[~gone], extra]
        table = pd.concat(parts, ignore_index=True)
        place = np.lexsort((table["time"].fillna(np.inf).to_numpy(), table["input"].map(order).to_numpy()))
        table = table.iloc[place].reset_index(drop=True)
    if not mended and not added:
        return table
    return renamed(table, (table["filled"] == 1).to_numpy(bool))
