"""Events: an expression comes, is at its height, and goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import AFFECT
from mien.runtime.expression_space import NEUTRAL
from mien.runtime.series.people import GAP, Person, channels, looked_at, people, stretches

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "input", "track", "name", "direction", "onset", "apex", "offset", "onset_frame", "apex_frame", "offset_frame",
    "duration", "peak", "mean", "rows", "gaps", "missing", "cut",
)  # fmt: skip
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """When a number counts as an event.

    An event is a run of rows at or beyond `off`, of which at least one is at or beyond `on` (hysteresis), and whose
    offset is at least `least` seconds after its onset.

    Raises:
        MienError: `off` beyond `on`, or negative durations.
    """

    on: float = 0.5
    off: float = 0.35
    least: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.off <= self.on or self.least < 0:
            raise MienError(
                f"events from {self.on:g} until {self.off:g}, at least {self.least:g} s: give 0 < off <= on, and no "
                f"negative duration"
            )


def events(
    table: pd.DataFrame,
    rule: Rule | None = None,
    *,
    names: Sequence[str] = (),
    relative: bool = False,
    gap: float = GAP,
) -> pd.DataFrame:
    """One row an event, by input, track and onset, in COLUMNS.

    `onset` and `offset` are the times in seconds of the first and last row of the run, `apex` of the first row with
    the largest value, each with its frame. `duration` is offset less onset; `peak` the value at the apex; `mean` the
    mean over the event's time (trapezoids). `rows` counts the event's rows; `missing` the frames in between that were
    looked at without finding this face, and `gaps` their runs. A pause of more than `gap` seconds ends an event.
    `cut` is `start`, `end` or `both` where the run touches an end of what was seen, so that its true onset or offset
    is not known.

    Args:
        names: emotions, valence, arousal, units; all but neutral where none is named. Valence and arousal have
            events in both directions, `up` and `down` (values at or below -on).
        relative: of the change from the baseline (`NAME_delta`, else `NAME_logratio`), thresholds in its unit.

    Raises:
        MienError: a name that the table has no numbers of.
    """
    import pandas as pd

    rule = rule or Rule()
    table = table.reset_index(drop=True)
    chosen = _columns(table, names, relative)
    frames = looked_at(table, gap)
    seen = {name: part["time"].to_numpy(np.float64) for name, part in frames.groupby("input", sort=False)}
    found: list[dict[str, Any]] = []
    for person, rows in people(table):
        for name, column in chosen.items():
            values = table[column].to_numpy(np.float64)[rows]
            use = np.isfinite(values)
            for direction in ("up", "down") if name in AFFECT else ("up",):
                found += _of_one(person, name, direction, table, rows[use], values[use], seen[person.input], rule, gap)
    found.sort(key=lambda event: (event["track"] is not None, event["track"], event["onset"], event["name"]))
    order = {name: i for i, name in enumerate(dict.fromkeys(table["input"]))}
    found.sort(key=lambda event: order[event["input"]])
    whole = {name: "Int64" for name in COLUMNS if name in ("track", "rows", "gaps", "missing") or "_frame" in name}
    return pd.DataFrame(found, columns=list(COLUMNS)).astype(whole)


def _columns(table: pd.DataFrame, names: Sequence[str], relative: bool) -> dict[str, str]:
    known = channels(table).all
    for name in names:
        if name not in known:
            raise MienError(f"events of {name!r}: the table has {', '.join(known) or 'no numbers'}")
    chosen = names or [name for name in known if name != NEUTRAL]  # a face at rest is no event
    if not relative:
        return {name: name for name in chosen}
    out = {}
    for name in chosen:
        column = next((column for end in ("delta", "logratio") if (column := f"{name}_{end}") in table), None)
        if column is None:
            raise MienError(f"events relative to a baseline: no column {name}_delta; give --baseline")
        out[name] = column
    return out


def _of_one(
    person: Person,
    name: str,
    direction: str,
    table: pd.DataFrame,
    rows: NDArray[np.int64],
    values: NDArray[np.float64],
    looked: NDArray[np.float64],
    rule: Rule,
    gap: float,
) -> Iterator[dict[str, Any]]:
    times = table["time"].to_numpy(np.float64)[rows]
    frames = table["frame"].tolist()
    height = values if direction == "up" else -values
    for part in stretches(times, gap):
        for start, end in _runs(height[part], rule):
            run = slice(part.start + start, part.start + end)
            at = times[run]
            if at[-1] - at[0] < rule.least - _NEAR:
                continue
            apex = run.start + int(np.argmax(height[run]))
            first, last = run.start == part.start, run.stop == part.stop
            between = looked[(looked > at[0]) & (looked < at[-1])]
            missing = ~np.isin(between, at)
            yield {
                "input": person.input,
                "track": person.track,
                "name": name,
                "direction": direction,
                "onset": float(at[0]),
                "apex": float(times[apex]),
                "offset": float(at[-1]),
                "onset_frame": frames[rows[run.start]],
                "apex_frame": frames[rows[apex]],
                "offset_frame": frames[rows[run.stop - 1]],
                "duration": float(at[-1] - at[0]),
                "peak": float(values[apex]),
                "mean": _mean(at, values[run]),
                "rows": len(at),
                "gaps": int(np.sum(missing & ~np.append(False, missing[:-1]))),
                "missing": int(missing.sum()),
                "cut": "both" if first and last else "start" if first else "end" if last else None,
            }


def _runs(height: NDArray[np.float64], rule: Rule) -> Iterator[tuple[int, int]]:
    """Starts and ends of runs at or beyond `off` that reach `on`."""
    beyond = np.concatenate([[False], height >= rule.off, [False]])
    turns = np.flatnonzero(beyond[1:] != beyond[:-1])
    for start, end in turns.reshape(-1, 2).tolist():
        if (height[start:end] >= rule.on).any():
            yield start, end


def _mean(times: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    if len(times) < 2:
        return float(values[0])
    return float((values[1:] + values[:-1]) @ np.diff(times) / 2 / (times[-1] - times[0]))
