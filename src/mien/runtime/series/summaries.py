"""Summaries by face, video and condition, weighed by time and not by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.runtime.series.intervals import ABSTAINED, UNNAMED, intervals, states
from mien.runtime.series.people import GAP, channels, looked_at, people

if TYPE_CHECKING:
    import pandas as pd

BY = ("input", "track")


def summaries(table: pd.DataFrame, by: Sequence[str] = BY, gap: float = GAP) -> pd.DataFrame:
    """One row a group, the columns of `by` first.

    A frame stands until the next one that was looked at. `frames` and `seconds` are what was looked at in the group
    (of a face: from its first to its last appearance), `share_with_face` the share of these seconds with a face,
    `face_seconds` those seconds summed over faces. Of `face_seconds`: `share_abstained`, `share_unclassified`, and
    `share_EMOTION` where it was the likeliest and the model named it; together 1. `mean_NAME` and `sd_NAME` (not
    an error of the mean) weigh by time over the rows that have numbers. Frames without the face count as nothing:
    not as neutral, and not as zero. Filled rows are left out.

    Args:
        by: `input`, `track` (which implies input), and any other columns of the table, such as `condition`; rows
            without a value there form a group of their own with an empty cell.

    Raises:
        MienError: a column that the table does not have, no times, or no tracks where they are needed.
    """
    import pandas as pd

    by = _checked(table, by)
    table = table.reset_index(drop=True)
    known = channels(table)
    faces = _face_rows(table, gap, with_people="track" in by)
    frames = _frame_rows(table, by, gap)
    out = []
    for key, shown in frames.groupby(list(by), sort=False, dropna=False):
        mine = faces[_same(faces, by, key)]
        row: dict[str, Any] = dict(zip(by, key, strict=True))
        seconds = float(shown["seconds"].sum())
        row |= {
            "frames": len(shown),
            "seconds": seconds,
            "frames_with_face": int(shown["face"].sum()),
            "share_with_face": _share(float(shown.loc[shown["face"], "seconds"].sum()), seconds),
            "faces": len(mine),
            "face_seconds": float(mine["seconds"].sum()),
        }
        row |= _said(mine, known.emotions) | _moments(mine, known.all)
        out.append(row)
    done = pd.DataFrame(out)
    return done.astype({"track": "Int64"}) if "track" in done else done


def transitions(table: pd.DataFrame, by: Sequence[str] = BY, gap: float = GAP) -> pd.DataFrame:
    """How often each state followed another: `by`..., `before, after, n, probability`, changes only.

    States are the emotions, `abstained` and `unclassified`. A change counts where the face was seen in both frames,
    one after the other, in the same group. `probability` is n over all changes away from `before` in that group.
    """
    import pandas as pd

    by = _checked(table, by)
    table = table.reset_index(drop=True)
    found = intervals(table, gap, within=[name for name in by if name not in BY])
    before = found.groupby(["input", "track"], sort=False, dropna=False)["emotion"].shift()
    found = found.rename(columns={"emotion": "after"}).assign(before=before)
    together = found[(found["after_gap"] == 0) & found["before"].notna()]
    keys = [*by, "before", "after"]
    counted = together.groupby(keys, sort=False, dropna=False).size().rename("n").reset_index()
    if counted.empty:
        return pd.DataFrame(columns=[*keys, "n", "probability"])
    away = counted.groupby([*by, "before"], sort=False, dropna=False)["n"].transform("sum")
    counted["probability"] = counted["n"] / away
    return counted


def _checked(table: pd.DataFrame, by: Sequence[str]) -> tuple[str, ...]:
    for name in by:
        if name not in table:
            remedy = "give --conditions" if name == "condition" else "name one of its columns"
            raise MienError(f"--by {name}: the table has no such column; {remedy}")
    names = list(dict.fromkeys(by)) or list(BY)
    if "track" in names and "input" not in names:
        names.insert(0, "input")  # track 1 of two videos is two faces
    return tuple(names)


def _same(rows: pd.DataFrame, by: tuple[str, ...], key: tuple[Any, ...]) -> NDArray[np.bool_]:
    import pandas as pd

    same = np.ones(len(rows), bool)
    for name, value in zip(by, key, strict=True):
        column = rows[name]
        same &= (column.isna() if pd.isna(value) else (column == value).fillna(False)).to_numpy(bool)
    return same


def _face_rows(table: pd.DataFrame, gap: float, *, with_people: bool) -> pd.DataFrame:
    """Rows with a face, each with the seconds that its frame stood and what is said of it."""
    table = table.assign(state=states(table))
    frames = looked_at(table, gap)[["input", "time", "seconds"]]
    if with_people:
        at = [rows for _, rows in people(table)]
        table = table.iloc[np.sort(np.concatenate(at)) if at else []]
    found = table[(table["success"] == 1).fillna(False) & table["time"].notna()]
    return found.merge(frames, on=["input", "time"], how="left")


def _frame_rows(table: pd.DataFrame, by: tuple[str, ...], gap: float) -> pd.DataFrame:
    """What was looked at, once a group: of a face from its first to its last appearance."""
    import pandas as pd

    frames = looked_at(table, gap)
    timed = table[table["time"].notna()]
    timed = timed.assign(face=(timed["success"] == 1).fillna(False).astype(bool))
    extra = [name for name in by if name not in BY]
    if "track" not in by:
        # a frame counts in each group that one of its rows belongs to
        keys = ["input", "time", *extra]
        known = timed.groupby(keys, sort=False, dropna=False, as_index=False)["face"].max()
        return frames.drop(columns="face").merge(known, on=["input", "time"])
    by_frame = timed.drop_duplicates(["input", "time"])[["input", "time", *extra]]
    parts = [frames.assign(track=None, **dict.fromkeys(extra))[:0].astype({"track": "Int64"})]
    for person, rows in people(table):
        own = table.iloc[rows]
        own = own[own["success"] == 1]
        if own.empty:
            continue
        inside = frames["time"].between(own["time"].min(), own["time"].max())
        mine = frames[(frames["input"] == person.input) & inside]
        mine = mine.merge(by_frame, on=["input", "time"]).set_index("time")
        for name in extra:
            if _of_the_face(timed, name):
                mine[name] = own.set_index("time")[name].reindex(mine.index).ffill()
        mine["face"] = mine.index.isin(own["time"])
        track = pd.array([person.track] * len(mine), dtype="Int64")
        parts.append(mine.reset_index().assign(track=track))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def _of_the_face(timed: pd.DataFrame, name: str) -> bool:
    """Whether a column is of a face (`subject`), so that it goes on where the face is not seen, or of the frame."""
    empty = timed.loc[~timed["face"], name]
    if len(empty) and empty.isna().all():
        return True
    return bool((timed.groupby(["input", "time"], sort=False)[name].nunique() > 1).any())


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _said(rows: pd.DataFrame, emotions: tuple[str, ...]) -> dict[str, float]:
    seconds, state = rows["seconds"].to_numpy(np.float64), rows["state"].to_numpy(object)
    total = float(seconds.sum())
    names = [ABSTAINED, UNNAMED, *(name for name in EMOTIONS if name in emotions)]
    return {f"share_{name}": _share(float(seconds[state == name].sum()), total) for name in names}


def _moments(rows: pd.DataFrame, names: tuple[str, ...]) -> dict[str, float]:
    out = {}
    for name in names:
        values, seconds = rows[name].to_numpy(np.float64), rows["seconds"].to_numpy(np.float64)
        use = np.isfinite(values)
        total = float(seconds[use].sum())
        mean = _share(float(seconds[use] @ values[use]), total)
        out[f"mean_{name}"] = mean
        out[f"sd_{name}"] = _share(float(seconds[use] @ (values[use] - mean) ** 2), total) ** 0.5
    return out
