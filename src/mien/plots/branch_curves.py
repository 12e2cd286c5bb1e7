"""How an ESR grew: the ensemble and each branch on validation, epoch after epoch, branch after branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, INK, drawn

KINDS = {"top1": "right on validation, %", "rmse": "RMSE on validation"}
"""Scores that a log tells of each branch: the word in its columns, and what the axis is called."""


def plot_branches(runs: Mapping[str, Sequence[Mapping[str, Any]]], path: str | Path, *, title: str = "") -> None:
    """One panel a run, side by side on one scale: the ensemble bold, its branches thin, a line where one is added.

    Args:
        runs: name -> rows of the run's log.csv: `branch`, the branch that is new, and `val_top1_branch_1...`
            with `val_top1_mean`, or `val_rmse_branch_1...` without an ensemble's.
        path: ends in png, pdf or svg.

    Raises:
        MienError: logs that tell of no branches, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    word = next((word for word in KINDS if any(_columns(rows, word) for rows in runs.values())), None)
    if word is None:
        raise MienError(f"{path}: no branches in the log to draw; give log.csv of a run with method = 'esr'")
    with drawn(path, 5.6 * len(runs) + 0.4, 3.8) as figure:
        panels = figure.subplots(1, len(runs), squeeze=False, sharey=True)[0]
        for axes, (name, rows) in zip(panels, runs.items(), strict=True):
            _panel(axes, rows, word)
            axes.set_title(name)
        panels[0].set_ylabel(KINDS[word])
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _columns(rows: Sequence[Mapping[str, Any]], word: str) -> list[str]:
    names = dict.fromkeys(key for row in rows for key in row if key.startswith(f"val_{word}_branch_"))
    return sorted(names, key=lambda name: int(name.rpartition("_")[2]))


def _panel(axes: Any, rows: Sequence[Mapping[str, Any]], word: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for k, column in enumerate(_columns(rows, word)):
        at, values = _series(rows, column)
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(at, values, color=colour, linewidth=1, alpha=0.75, marker="o", markersize=2.5)
        if at:
            axes.annotate(f"{k + 1}", (at[-1], values[-1]), (4, 0), textcoords="offset points", fontsize=7.5,
                          color=colour, va="center")  # fmt: skip
    at, values = _series(rows, f"val_{word}_mean")
    if at:
        axes.plot(at, values, color=INK, linewidth=2.2, label="ensemble")
        axes.legend(fontsize=8.5, loc="best")
    for place, (before, row) in enumerate(pairwise(rows), 1):
        if before["branch"] != row["branch"]:
            axes.axvline(place + 0.5, color=FAINT, linewidth=0.9, zorder=0)
    axes.set_xlabel("epoch of all branches; a line where one is added")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _series(rows: Sequence[Mapping[str, Any]], column: str) -> tuple[list[int], list[float]]:
    """Epochs counted over all stages from 1, and the values; epochs without one are left out."""
    found = [(place, row.get(column)) for place, row in enumerate(rows, 1)]
    kept = [(place, float(value)) for place, value in found if value not in (None, "")]
    return [place for place, _ in kept], [value for _, value in kept]
