"""Each person against their own baseline: what changed, in place of what a face looks like at rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.series.people import channels, people

if TYPE_CHECKING:
    import pandas as pd

LEAST = 10
"""Rows with numbers below which a baseline is refused."""
FLOOR = 0.001
"""Added to both sides of a ratio, so that a probability of 0 has a logarithm."""
HOW = ("subtract", "log-ratio")
OF = ("median", "mean")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which rows are a person's baseline: the first `seconds`, or those where `column` holds `value`."""

    seconds: float | None = None
    column: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Stretch:
        """`first:5`, or `condition=rest`.

        Raises:
            MienError: neither.
        """
        column, sign, value = text.partition("=")
        if sign and column and value:
            return cls(column=column.strip(), value=value.strip())
        word, _, seconds = text.partition(":")
        try:
            if word == "first" and 0 < float(seconds) < float("inf"):
                return cls(float(seconds))
        except ValueError:
            pass
        raise MienError(f"--baseline {text}: write first:SECONDS, or COLUMN=VALUE such as condition=rest")

    def __str__(self) -> str:
        return f"first {self.seconds:g} s" if self.seconds is not None else f"{self.column} = {self.value}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """One person's: `n` rows with numbers, from `start` to `end` in seconds, and the value of each channel."""

    person: str
    n: int
    start: float | None
    end: float | None
    values: dict[str, float] = field(default_factory=dict)
    refused: str = ""


def against_baseline(
    table: pd.DataFrame,
    stretch: Stretch,
    *,
    by: str = "track",
    how: str = "subtract",
    of: str = "median",
    least: int = LEAST,
) -> tuple[pd.DataFrame, list[Baseline]]:
    """The table with the change of each channel from its person's own baseline, and the baselines.

    Adds `NAME_delta`, the value less the baseline, or `NAME_logratio`, the natural logarithm of (value + FLOOR) over
    (baseline + FLOOR). Valence and arousal have a sign and are subtracted in either case. The values themselves stay.
    A person with too few rows has no change: empty cells, and the reason in `refused`.

    Args:
        by: `track` (a face of a video), or a column that names people over videos, such as `subject`. The first
            seconds of such a person are those of the first video in the table.
        how: one of HOW. of: one of OF. least: rows below which a baseline is refused.

    Raises:
        MienError: no such column or value, or nobody has rows enough.
    """
    if how not in HOW or of not in OF:
        raise MienError(f"baseline by {how} of the {of}: one of {', '.join(HOW)} of the {' or '.join(OF)}")
    table = table.reset_index(drop=True)
    if stretch.column and stretch.column not in table:
        raise MienError(f"--baseline {stretch.column}={stretch.value}: the table has no column {stretch.column!r}")
    known = channels(table)
    values = table[list(known.all)].to_numpy(np.float64)
    log = [how == "log-ratio" and name not in known.affect for name in known.all]
    changes = np.full(values.shape, np.nan)
    baselines = []
    for person, rows in _persons(table, by):
        inside = _inside(table, rows, stretch)
        main = values[:, : len(known.blocks[0])] if known.blocks else values
        usable = inside[np.isfinite(main[inside]).all(axis=1)]
        found = _baseline(person, table, usable, values, known.all, stretch, of, least)
        baselines.append(found)
        if found.refused:
            continue
        for i, name in enumerate(known.all):
            base = found.values.get(name, np.nan)
            now = values[rows, i]
            changes[rows, i] = np.log((now + FLOOR) / (base + FLOOR)) if log[i] else now - base
    if all(one.refused for one in baselines):
        reason = baselines[0].refused if baselines else "the table has no faces"
        raise MienError(f"--baseline {stretch}: {reason}; choose a longer stretch, or lower --baseline-rows")
    named = {f"{name}_{'logratio' if log[i] else 'delta'}": changes[:, i] for i, name in enumerate(known.all)}
    return table.assign(**named), baselines


def _persons(table: pd.DataFrame, by: str) -> list[tuple[str, NDArray[np.int64]]]:
    if by == "track":
        return [(str(person), rows) for person, rows in people(table)]
    if by not in table:
        raise MienError(f"--baseline-by {by}: the table has no such column; name one, or track")
    rows: dict[str, list[NDArray[np.int64]]] = {}
    for _, mine in people(table):
        names = table[by].to_numpy(object)[mine]
        for name in dict.fromkeys(name for name in names if isinstance(name, str)):
            rows.setdefault(name, []).append(mine[names == name])
    return [(f"{by} {name}", np.concatenate(parts)) for name, parts in rows.items()]


def _inside(table: pd.DataFrame, rows: NDArray[np.int64], stretch: Stretch) -> NDArray[np.int64]:
    """The rows of the stretch, filled ones left out."""
    if "filled" in table:
        rows = rows[(table["filled"].iloc[rows].fillna(0) == 0).to_numpy(bool)]
    if stretch.seconds is None:
        chosen: NDArray[np.int64] = rows[table[stretch.column].astype(str).to_numpy(object)[rows] == stretch.value]
        return chosen
    if not len(rows):
        return rows
    mine = rows[table["input"].to_numpy(object)[rows] == table["input"].iloc[rows[0]]]
    times = table["time"].to_numpy(np.float64)[mine]
    inside: NDArray[np.int64] = mine[times <= times.min() + stretch.seconds]
    return inside


def _baseline(
    person: str,
    table: pd.DataFrame,
    rows: NDArray[np.int64],
    values: NDArray[np.float64],
    names: tuple[str, ...],
    stretch: Stretch,
    of: str,
    least: int,
) -> Baseline:
    times = table["time"].to_numpy(np.float64)[rows]
    start, end = (float(times.min()), float(times.max())) if len(rows) else (None, None)
    if len(rows) < max(least, 1):
        reason = f"{person}: {len(rows)} rows with a face where {stretch}, and a baseline needs {least}"
        return Baseline(person, len(rows), start, end, refused=reason)
    middle: Any = np.nanmedian if of == "median" else np.nanmean
    some = {name: values[rows, i] for i, name in enumerate(names)}
    return Baseline(
        person, len(rows), start, end,
        {name: float(middle(column)) for name, column in some.items() if np.isfinite(column).any()},
    )  # fmt: skip
