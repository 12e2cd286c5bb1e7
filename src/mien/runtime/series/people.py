"""Who is where in a table: one series a face and video, and the frames that were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import AFFECT, EMOTIONS
from mien.runtime.series.read import is_unit

if TYPE_CHECKING:
    import pandas as pd

GAP = 1.0
"""Seconds without a face after which what follows is a new stretch, where nobody says otherwise."""


def whole(cell: Any) -> int | None:
    """A cell's whole number, None for an empty one of any kind."""
    try:
        return int(cell)
    except (TypeError, ValueError):
        return None


def each(table: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples, whose cells may be of any type."""
    return iter(table.itertuples())


class Person(NamedTuple):
    """The same face in one video; `track` is None where the video has at most one face a frame and no tracks."""

    input: str
    track: int | None

    def __str__(self) -> str:
        return self.input if self.track is None else f"{self.input}: track {self.track}"


class Channels(NamedTuple):
    """Columns of a table that hold numbers over time."""

    emotions: tuple[str, ...]
    affect: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.emotions, *self.affect, *self.units)

    @property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """Emotions together, since they sum to 1; valence and arousal; units."""
        return tuple(block for block in self if block)


def channels(table: pd.DataFrame) -> Channels:
    """The columns that hold at least one number."""

    def some(names: list[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in table and table[name].notna().any())

    return Channels(some(list(EMOTIONS)), some(list(AFFECT)), some([name for name in table.columns if is_unit(name)]))


def looked_at(table: pd.DataFrame, gap: float = GAP) -> pd.DataFrame:
    """One row a frame that was looked at: `input, frame, time, seconds, face`, by input and time.

    `seconds` is how long the frame stood: until the next one, and the input's median step for the last one and
    before a hole of more than `gap` seconds, in which nothing was looked at. `face` says whether a face was found.

    Raises:
        MienError: a table without times.
    """
    import pandas as pd

    timed = table[table["time"].notna()]
    if timed.empty:
        raise MienError("the table has no times: its rows are pictures; analyse a video, or write times into `time`")
    found = timed["success"].fillna(0).astype(int)
    frames = pd.DataFrame({"input": timed["input"], "frame": timed["frame"], "time": timed["time"], "face": found})
    frames = frames.groupby(["input", "time"], sort=False, as_index=False).agg({"frame": "first", "face": "max"})
    frames = frames.sort_values(["input", "time"], kind="stable").reset_index(drop=True)
    frames["seconds"] = 0.0
    for _, part in frames.groupby("input", sort=False):
        frames.loc[part.index, "seconds"] = standing(part["time"].to_numpy(), gap)
    frames["face"] = frames["face"].astype(bool)
    return frames[["input", "frame", "time", "seconds", "face"]]


def standing(times: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """How long each of (n,) frames at ascending times in seconds stood; 0 where there is but one."""
    if len(times) < 2:
        return np.zeros(len(times))
    steps = np.diff(times)
    short = steps[steps <= gap]
    usual = float(np.median(short)) if len(short) else 0.0
    return np.append(np.where(steps <= gap, steps, usual), usual)


def people(table: pd.DataFrame) -> Iterator[tuple[Person, NDArray[np.int64]]]:
    """Each face of each video with the positions of its rows (also filled ones), by time.

    Rows without a time, and frames without a face, belong to nobody.

    Raises:
        MienError: an input with several faces in a frame and no tracks.
    """
    filled = table["filled"].fillna(0).astype(int) == 1 if "filled" in table else False
    here = table["time"].notna() & ((table["success"].fillna(0).astype(int) == 1) | filled)
    time, track = table["time"].to_numpy(np.float64), table["track"]
    rows = table[here]
    for name, part in rows.groupby("input", sort=False):
        at = table.index.get_indexer(part.index)
        ids = track.iloc[at]
        if ids.isna().all():
            if len(np.unique(time[at])) < len(at):
                raise MienError(
                    f"{name}: several faces in a frame and no tracks, so nothing says who is who; "
                    f"run `mien analyze` without --no-track"
                )
            yield Person(str(name), None), at[np.argsort(time[at], kind="stable")]
            continue
        for one in sorted(ids.dropna().unique()):
            mine = at[(ids == one).fillna(False).to_numpy(bool)]
            yield Person(str(name), int(one)), mine[np.argsort(time[mine], kind="stable")]


def stretches(times: NDArray[np.float64], gap: float) -> list[slice]:
    """Runs of (n,) ascending times in seconds without a step of more than `gap`."""
    ends = [0, *(np.flatnonzero(np.diff(times) > gap) + 1).tolist(), len(times)]
    return [slice(start, end) for start, end in pairwise(ends) if end > start]
