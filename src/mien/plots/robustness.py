"""How accuracy falls as faces get worse: a panel for each way of spoiling them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, INK, drawn

_COLUMNS = 4
_WRAPPED = 36  # characters of a panel's width


@dataclass(frozen=True, slots=True)
class Panel:
    """One corruption.

    Attributes:
        title: its name; about: what a level is.
        levels: (s,) of the strengths, as they stand under the axis.
        series: model -> (s,) top-1 in percent.
        intervals: model -> (s, 2) the interval of each; a model without has none drawn.
    """

    title: str
    about: str
    levels: Sequence[float]
    series: Mapping[str, Sequence[float]]
    intervals: Mapping[str, Sequence[Sequence[float]]]


def plot_robustness(panels: Sequence[Panel], clean: Mapping[str, float], path: str | Path, *, title: str = "") -> None:
    """Draw top-1 by strength for one or several models; the suffix of `path` (png, pdf, svg) names the format.

    Args:
        panels: one or more.
        clean: model -> top-1 in percent on the same faces as they are, a dashed line in every panel.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if not panels:
        raise MienError(f"{path}: no corruptions to draw")
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with drawn(path, 2.7 * columns + 0.4, 2.5 * rows + 0.6) as figure:
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, panel in zip(grid, panels, strict=False):
            _panel(axes, panel, clean)
        for axes in grid[len(panels) :]:
            axes.set_axis_off()
        for axes in grid[::columns]:
            axes.set_ylabel("top-1, %")
        if len(clean) > 1:
            grid[0].legend(fontsize=7.5, loc="lower left")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _panel(axes: Any, panel: Panel, clean: Mapping[str, float]) -> None:
    places = range(1, len(panel.levels) + 1)
    for at, (name, values) in enumerate(panel.series.items()):
        colour = COLOURS[at % len(COLOURS)]
        if name in clean:
            axes.axhline(clean[name], color=colour, linewidth=1, linestyle=(0, (3, 3)))
        axes.plot(places, values, color=colour, marker="o", markersize=4, linewidth=1.7, label=name)
        if name in panel.intervals:
            low, high = zip(*panel.intervals[name], strict=True)
            axes.vlines(places, low, high, color=colour, linewidth=1.1)
    axes.set_title(panel.title)
    axes.set_xlabel(textwrap.fill(panel.about, _WRAPPED), fontsize=7.5, color=INK)
    axes.set_xticks(list(places), [f"{level:g}" for level in panel.levels])
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
