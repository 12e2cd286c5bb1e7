"""Accuracy by group of people, with intervals, so that what chance could do is in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, drawn

Row = tuple[str, int, float, Sequence[float]]
"""Name of a group, its faces, top-1 in percent, and the interval's two ends."""


def plot_groups(
    attributes: Mapping[str, Sequence[Row]], path: str | Path, *, overall: float | None = None, title: str = ""
) -> None:
    """Draw a point and its interval for each group, attributes below each other on one scale.

    Args:
        attributes: name -> its groups, in the order in which they shall stand.
        path: ends in png, pdf or svg.
        overall: top-1 of all faces in percent, a dashed line.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    kept = {name: list(rows) for name, rows in attributes.items() if rows}
    if not kept:
        raise MienError(f"{path}: no groups to draw")
    heights = [len(rows) + 0.9 for rows in kept.values()]
    with drawn(path, 6.4, 0.3 * sum(heights) + 0.9) as figure:
        grid = figure.subplots(len(kept), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
        for axes, (name, rows) in zip(grid, kept.items(), strict=True):
            _panel(axes, name, rows, overall)
        grid[-1].set_xlabel("top-1, %, with its 95 % interval")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _panel(axes: Any, name: str, rows: Sequence[Row], overall: float | None) -> None:
    places = range(len(rows))
    if overall is not None:
        axes.axvline(overall, color="#8b929b", linewidth=1, linestyle=(0, (3, 3)))
    axes.hlines(places, [row[3][0] for row in rows], [row[3][1] for row in rows], color=COLOURS[0], linewidth=1.8)
    axes.plot([row[2] for row in rows], places, "o", color=COLOURS[0], markersize=6)
    axes.set_yticks(list(places), [f"{value} ({n:,})" for value, n, _, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_title(name)
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
