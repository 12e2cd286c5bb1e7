"""A reliability diagram: how often answers are right by how sure they are, and how many are that sure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, INK, drawn
from mien.score.calibration import Reliability


def plot_reliability(tables: Mapping[str, Reliability], path: str | Path, *, title: str = "") -> None:
    """Draw one or several reliability tables over each other, e.g. before and after a calibration.

    A point stands at the mean confidence and the accuracy of a bin's rows, with Wilson's 95 % interval; on the
    dashed line confidence is accuracy, below it the model is too sure. Below the share of rows in each bin. The
    legend says the expected calibration error.

    Args:
        tables: name -> its table, at most six; a bin without rows has no point.
        path: ends in png, pdf or svg.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if not tables or any(table.n.sum() == 0 for table in tables.values()):
        raise MienError(f"{path}: no rows to draw a reliability diagram of")
    with drawn(path, 5.2, 6.4) as figure:
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
        top.plot([0, 100], [0, 100], linestyle="--", color="#8b929b", linewidth=1)
        for at, (name, table) in enumerate(tables.items()):
            _points(top, table, f"{name}: ECE {_gap(table):.1f} %", at, len(tables))
            _rows(below, table, at, len(tables))
        top.set_ylabel("accuracy, %")
        top.set_xlim(0, 100)
        top.set_ylim(0, 100)
        below.set_xlabel("confidence, %")
        below.set_ylabel("rows, %")
        for axes in (top, below):
            axes.grid(color=FAINT, linewidth=0.7)
            axes.set_axisbelow(True)
            axes.tick_params(length=0, colors=INK)
            axes.spines[["top", "right"]].set_visible(False)
        top.legend(fontsize=9, loc="upper left")
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold")


def _gap(table: Reliability) -> float:
    """Expected calibration error, in points."""
    apart = np.nan_to_num(np.abs(table.confidence - table.accuracy))
    return float((apart * table.n).sum() / table.n.sum())


def _points(axes: Any, table: Reliability, label: str, at: int, among: int) -> None:
    from mien.score.intervals import wilson

    some = table.n > 0
    x, y, n = table.confidence[some], table.accuracy[some], table.n[some]
    ends = [wilson(round(share * rows / 100), int(rows)) for share, rows in zip(y, n, strict=True)]
    bars = [[max(0.0, a - low) for a, (low, _) in zip(y, ends, strict=True)],
            [max(0.0, high - a) for a, (_, high) in zip(y, ends, strict=True)]]  # fmt: skip
    colour = COLOURS[at % len(COLOURS)]
    axes.errorbar(x, y, bars, color=colour, marker="os^Dvp"[at % 6], markersize=5, linewidth=1.6, elinewidth=0.9,
                  alpha=0.75 if at < among - 1 else 1, label=label, zorder=2 + at, clip_on=False)  # fmt: skip


def _rows(axes: Any, table: Reliability, at: int, among: int) -> None:
    edges, share = 100 * table.edges, 100 * table.n / table.n.sum()
    axes.stairs(share, edges, fill=among == 1, color=COLOURS[at % len(COLOURS)], linewidth=1.6, zorder=2 + at)
