"""A score of each action unit with its interval, beside how many faces show the unit."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from mien.errors import MienError
from mien.labels import ACTION_UNITS
from mien.plots.figure import COLOURS, FAINT, drawn

Row = tuple[str, int, float, Sequence[float]]
"""Name of a unit, the faces that show it, its score, and the interval's two ends; NaN where there is none."""


def plot_unit_scores(
    rows: Sequence[Row], path: str | Path, *, score: str = "F1, %", whole: float = 100.0, title: str = ""
) -> None:
    """Draw a bar and an interval for each unit, in the order given.

    Args:
        rows: a unit without a score keeps its line, empty.
        path: ends in png, pdf or svg.
        score: what the axis is called.
        whole: the best value there is, where the axis ends; it starts at 0, or at the lowest end below it.

    Raises:
        MienError: no units, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if not rows:
        raise MienError(f"{path}: no units to draw")
    with drawn(path, 6.4, 0.28 * len(rows) + 1.1) as figure:
        axes = figure.add_subplot()
        low = 0.0
        for place, (_, _, value, ends) in enumerate(rows):
            if isnan(value):
                axes.text(0, place, " no face shows it", va="center", fontsize=8, color="#8b929b")
                continue
            axes.barh(place, value, height=0.62, color=COLOURS[0], alpha=0.55, linewidth=0)
            axes.hlines(place, ends[0], ends[1], color=COLOURS[0], linewidth=1.6)
            low = min(low, value, ends[0] if not isnan(ends[0]) else 0.0)
        names = [f"{unit} {ACTION_UNITS.get(unit, '')} ({n:,})" for unit, n, _, _ in rows]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(low, whole)
        axes.set_xlabel(f"{score}, with its 95 % interval (faces that show it)")
        axes.grid(axis="x", color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        if title:
            axes.set_title(title)
