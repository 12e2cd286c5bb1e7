"""Stretches of time over which a face shows the same emotion, or the model declines to name one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.labels import EMOTIONS
from mien.runtime.series.people import GAP, looked_at, people

if TYPE_CHECKING:
    import pandas as pd

ABSTAINED, UNNAMED = "abstained", "unclassified"
STATES = (*EMOTIONS, ABSTAINED, UNNAMED)
COLUMNS = ("input", "track", "emotion", "start", "end", "frames", "after_gap")


def states(table: pd.DataFrame) -> NDArray[np.object_]:
    """(n,) what is said of each row: its emotion, ABSTAINED, UNNAMED, or None for a row without a face."""
    names = table["emotion"].to_numpy(object) if "emotion" in table else np.full(len(table), None)
    out = np.array([name if isinstance(name, str) and name else UNNAMED for name in names], dtype=object)
    if "abstain" in table:
        out[(table["abstain"].fillna(0) == 1).to_numpy(bool)] = ABSTAINED
    face = table["success"].fillna(0) == 1
    if "filled" in table:
        face |= table["filled"].fillna(0) == 1
    out[~face.to_numpy(bool)] = None
    return out


def intervals(table: pd.DataFrame, gap: float = GAP, within: Sequence[str] = ()) -> pd.DataFrame:
    """One row a stretch of one state of one face, by input, track and time, in COLUMNS.

    A row's frame stands until the next frame that was looked at, with or without this face in it; `end` is where the
    last one's does. Frames without this face lie in no interval. `after_gap` is 1 where the face was not seen in the
    frame before, or in another group. Times in seconds.

    Args:
        within: columns (`condition`) whose change ends an interval; they stand behind COLUMNS.

    Raises:
        MienError: no times, or several faces in a frame without tracks.
    """
    import pandas as pd

    table = table.reset_index(drop=True)
    said = states(table)
    time = table["time"].to_numpy(np.float64)
    frames = looked_at(table, gap)
    standing = {
        name: dict(zip(part["time"].tolist(), part["seconds"].tolist(), strict=True))
        for name, part in frames.groupby("input", sort=False)
    }
    found: list[dict[str, Any]] = []
    groups = table[list(within)].astype(object).where(table[list(within)].notna(), None).to_dict("records")
    for person, rows in people(table):
        seconds = standing[person.input]
        now: dict[str, Any] | None = None
        for row in rows.tolist():
            start = float(time[row])
            end = start + seconds[start]
            follows = now is not None and start <= now["end"] + 1e-9 and groups[row].items() <= now.items()
            if now is not None and follows and now["emotion"] == said[row]:
                now["end"], now["frames"] = end, now["frames"] + 1
                continue
            now = {
                "input": person.input, "track": person.track, "emotion": said[row], "start": start, "end": end,
                "frames": 1, "after_gap": int(not follows), **groups[row],
            }  # fmt: skip
            found.append(now)
    return pd.DataFrame(found, columns=[*COLUMNS, *within]).astype({"track": "Int64"})
