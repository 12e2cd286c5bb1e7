"""Figures of a search: the metric by trial, what it depended on, and the metric over each key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.plots.figure import COLOURS, FAINT, INK, drawn

Rows = Sequence[Mapping[str, Any]]
"""Trials: `trial` (number), `state` (complete | pruned | failed), `value` or None, `params` (key -> value)."""


def plot_history(rows: Rows, path: str | Path, *, metric: str, direction: str = "maximize") -> None:
    """Draw each trial's value, pruned ones hollow, and the best completed one so far as a line.

    Args:
        rows: see Rows; those without a value are left out.
        path: ends in png, pdf or svg; in an svg each mark carries the id `trial-N`.
        direction: maximize | minimize.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    rows = _valued(rows)
    better = max if direction == "maximize" else min
    with drawn(path, 7.2, 3.8) as figure:
        from matplotlib.ticker import MaxNLocator

        axes = figure.add_subplot()
        for state, face, label in (("complete", COLOURS[0], "completed"), ("pruned", "white", "pruned, best so far")):
            found = [row for row in rows if row["state"] == state]
            for row in found:
                axes.plot(row["trial"], row["value"], "o", markersize=6, markerfacecolor=face,
                          markeredgecolor=COLOURS[0], gid=f"trial-{row['trial']}")  # fmt: skip
            if found:
                axes.plot([], [], "o", markersize=6, markerfacecolor=face, markeredgecolor=COLOURS[0], label=label)
        done = [row for row in rows if row["state"] == "complete"]
        if done:
            line = [better(row["value"] for row in done[: i + 1]) for i in range(len(done))]
            axes.step([row["trial"] for row in done], line, where="post", color=COLOURS[1], linewidth=1.6,
                      label=f"best, {line[-1]:.4g}", zorder=1)  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("trial")
        axes.set_ylabel(metric)
        _plain(axes)
        if rows:
            axes.legend(fontsize=8.5, loc="best")


def plot_importance(shares: Mapping[str, float], path: str | Path, *, metric: str) -> None:
    """Draw each key's share of the metric's variance as a bar, the largest on top.

    Args:
        shares: key -> share, 0..1.
        path: ends in png, pdf or svg.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    ordered = sorted(shares.items(), key=lambda item: item[1])
    with drawn(path, 6.4, 0.38 * len(ordered) + 1.1) as figure:
        axes = figure.add_subplot()
        lengths = [100 * share for _, share in ordered]
        bars = axes.barh([key for key, _ in ordered], lengths, color=COLOURS[0], height=0.62)
        axes.bar_label(bars, [f"{length:.0f} %" for length in lengths], padding=4, fontsize=9)
        axes.set_xlim(0, 1.12 * max(lengths, default=100.0) or 100.0)
        axes.set_xlabel(f"share of the variance of {metric}, %")
        _plain(axes, "x")


def plot_slices(rows: Rows, path: str | Path, *, metric: str) -> None:
    """Draw the metric over each key, a panel a key: a logarithmic axis where values span two decades.

    Args:
        rows: see Rows.
        path: ends in png, pdf or svg.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    rows = _valued(rows)
    keys = list(dict.fromkeys(key for row in rows for key in row["params"]))
    columns = max(1, min(3, len(keys)))
    lines = max(1, math.ceil(len(keys) / columns))
    with drawn(path, 3.4 * columns + 0.4, 2.9 * lines) as figure:
        panels = figure.subplots(lines, columns, squeeze=False, sharey=True)
        for index, axes in enumerate(panels.flat):
            if index >= len(keys):
                axes.set_visible(False)
                continue
            _slice(axes, rows, keys[index])
            if index % columns == 0:
                axes.set_ylabel(metric)


def _slice(axes: Any, rows: Rows, key: str) -> None:
    found = [row for row in rows if key in row["params"]]
    values = [row["params"][key] for row in found]
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    names = [] if numeric else sorted({str(v) for v in values})
    places = values if numeric else [names.index(str(v)) for v in values]
    for state, face in (("complete", COLOURS[0]), ("pruned", "white")):
        part = [(x, row["value"]) for x, row in zip(places, found, strict=True) if row["state"] == state]
        axes.plot([x for x, _ in part], [y for _, y in part], "o", markersize=5, markerfacecolor=face,
                  markeredgecolor=COLOURS[0], linestyle="none")  # fmt: skip
    if not numeric:
        long = max((len(name) for name in names), default=0) > 8
        axes.set_xticks(range(len(names)), names, rotation=38 if long else 0, ha="right" if long else "center")
        axes.margins(x=0.15)
    elif min(values) > 0 and max(values) / min(values) >= 100:
        axes.set_xscale("log")
    axes.set_xlabel(key)
    _plain(axes)


def _valued(rows: Rows) -> Rows:
    return [row for row in rows if row["value"] is not None and row["state"] in ("complete", "pruned")]


def _plain(axes: Any, grid: str = "y") -> None:
    axes.grid(axis=grid, color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
