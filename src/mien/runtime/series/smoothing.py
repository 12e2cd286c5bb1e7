"""Smoothing each face's numbers over time, with the lag that it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.runtime.series.filters import FILTERS, REACH, Numbers
from mien.runtime.series.people import GAP, channels, people, stretches

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A method and its width in seconds: `exp`'s time constant, `gauss`'s standard deviation, else the window."""

    method: str
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Smoothing:
        """`exp:0.5` and the like.

        Raises:
            MienError: another method, or no width in seconds.
        """
        method, _, width = text.partition(":")
        try:
            seconds = float(width)
        except ValueError:
            seconds = float("nan")
        if method not in FILTERS or not 0 < seconds < float("inf"):
            raise MienError(f"--smooth {text}: write {'|'.join(FILTERS)}, a colon and seconds, such as exp:0.5")
        return cls(method, seconds)

    def __str__(self) -> str:
        return f"{self.method}:{self.seconds:g}"

    @property
    def future(self) -> float:
        """Seconds that it looks ahead; 0 for the causal one, the only one that a live picture can have."""
        return {"exp": 0.0, "gauss": REACH * self.seconds}.get(self.method, self.seconds / 2)

    def __call__(self, times: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
        """Smoothed values (n, k) and the lag (n,) of each in seconds.

        The lag is what the filter does to time itself: t minus the filtered t. A steady rise or fall is shown so many
        seconds late (below 0: early), which at the ends of a stretch is not 0 for a centred window either.
        """
        out = FILTERS[self.method](times, np.column_stack([times - times[0], values]), self.seconds)
        return out[:, 1:], times - times[0] - out[:, 0]


def smooth(table: pd.DataFrame, smoothing: Smoothing, gap: float = GAP) -> pd.DataFrame:
    """The table with the probabilities, valence, arousal and units of each face smoothed over time.

    Rows keep their places. What is empty stays empty; a pause of more than `gap` seconds breaks a series, so that
    nothing flows over it. Probabilities are renormalised to sum to 1, nothing leaves the range that it had, and
    `emotion` and `confidence` follow; `abstain` and `set` stay what the model said of the single frame.

    Adds `smoothing`, the method, `lag` in seconds, and `segment`, the stretch of the track from 0.

    Raises:
        MienError: no times, or several faces in a frame without tracks.
    """
    import pandas as pd

    table = table.reset_index(drop=True)
    known = channels(table)
    time = table["time"].to_numpy(np.float64)
    lag, segment = np.full(len(table), np.nan), np.full(len(table), -1)
    new = {name: table[name].to_numpy(np.float64, copy=True) for name in known.all}
    for _, rows in people(table):
        for block in known.blocks:
            values = np.column_stack([new[name][rows] for name in block])
            use = np.isfinite(values).all(axis=1)
            at, values = rows[use], values[use]
            for number, part in enumerate(stretches(time[at], gap)):
                smoothed, late = smoothing(time[at[part]], values[part])
                smoothed = np.clip(smoothed, values[part].min(axis=0), values[part].max(axis=0))
                if block == known.emotions:
                    smoothed /= np.maximum(smoothed.sum(axis=1, keepdims=True), np.finfo(float).tiny)
                for i, name in enumerate(block):
                    new[name][at[part]] = smoothed[:, i]
                fresh = at[part][np.isnan(lag[at[part]])]
                lag[fresh], segment[fresh] = late[np.isin(at[part], fresh)], number
    out = table.assign(**new)
    done = np.isfinite(lag)
    out["smoothing"] = pd.Series([str(smoothing) if one else None for one in done.tolist()], dtype=object)
    out["lag"] = lag
    out["segment"] = pd.Series(segment, dtype="Int64").mask(segment < 0)
    return renamed(out, done) if known.emotions else out


def renamed(table: pd.DataFrame, which: Any) -> pd.DataFrame:
    """The table with `emotion` and `confidence` said anew from the probabilities of some rows, a (n,) bool array."""
    import pandas as pd

    present = [name for name in EMOTIONS if name in table]
    values = table[present].to_numpy(np.float64)
    which = np.asarray(which) & np.isfinite(values).any(axis=1)
    filled = np.where(np.isfinite(values), values, -1.0)
    out = table.copy()
    names = np.asarray(present, dtype=object)[filled.argmax(axis=1)]
    old = table["emotion"].to_numpy(object) if "emotion" in table else np.full(len(table), None)
    out["emotion"] = pd.Series(np.where(which, names, old), dtype=object, index=table.index)
    before = table["confidence"].to_numpy(np.float64) if "confidence" in table else np.full(len(table), np.nan)
    out["confidence"] = np.where(which, filled.max(axis=1), before)
    return out


def described(table: pd.DataFrame, smoothing: Smoothing, gap: float = GAP) -> dict[str, Any]:
    """What was done, for a report: lag and look-ahead in seconds."""
    lag = table["lag"].to_numpy(np.float64)
    lag = lag[np.isfinite(lag)]
    return {
        "method": smoothing.method,
        "seconds": smoothing.seconds,
        "causal": smoothing.future == 0,
        "looks_ahead": smoothing.future,
        "gap": gap,
        "rows": len(lag),
        "lag_median": round(float(np.median(lag)), 6) if len(lag) else None,
        "lag_largest": round(float(lag[np.abs(lag).argmax()]), 6) if len(lag) else None,
    }
