"""How often each action unit is shown, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.labels import ACTION_UNITS
from mien.plots.figure import BLUES, COLOURS, FAINT, INK, drawn

_LEVELS = "ABCDE"


def plot_unit_frequency(
    units: Sequence[str],
    shown: NDArray[Any],
    known: NDArray[Any],
    path: str | Path,
    *,
    levels: NDArray[Any] | None = None,
    title: str = "",
) -> None:
    """Draw a bar for each unit, as long as its share of the rows in which it is known.

    Args:
        units: k names, `AU01` and so on.
        shown, known: (k,) rows that show a unit, and that know whether they do.
        path: ends in png, pdf or svg.
        levels: (k, 6) rows by intensity 0..5: a second panel with the shares of A to E among those above 0.

    Raises:
        ValueError: lengths that disagree, or no units.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    counts, of = np.asarray(shown, np.int64), np.asarray(known, np.int64)
    if not units or counts.shape != (len(units),) or of.shape != (len(units),):
        raise ValueError(f"shown {counts.shape} and known {of.shape} for {len(units)} units")
    panels = 1 if levels is None else 2
    with drawn(path, 5.6 + 3.4 * (panels - 1), 0.3 * len(units) + 1.3) as figure:
        grid = figure.subplots(1, panels, squeeze=False, sharey=True, width_ratios=(1.3, 1)[:panels])[0]
        _shares(grid[0], units, counts, of)
        if levels is not None:
            _strengths(grid[1], np.asarray(levels, np.int64)[:, 1:])
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _shares(axes: Any, units: Sequence[str], shown: NDArray[np.int64], known: NDArray[np.int64]) -> None:
    places = np.arange(len(units))
    shares = 100 * shown / np.maximum(known, 1)
    axes.barh(places, shares, 0.72, color=COLOURS[0])
    for place, share, count, of in zip(places, shares, shown.tolist(), known.tolist(), strict=True):
        told = f" {count:,} ({share:.3g} %)" if of else " unknown throughout"
        axes.text(share, place, told, va="center", fontsize=8, color=INK)
    axes.set_yticks(places, [f"{ACTION_UNITS.get(unit, '')}  {unit}" for unit in units], fontsize=8.5)
    axes.set_ylim(len(units) - 0.4, -0.6)
    axes.set_xlabel("rows that show it, % of those that are known")
    axes.set_xlim(0, max(1.35 * float(shares.max()), 1))
    _plain(axes)


def _strengths(axes: Any, levels: NDArray[np.int64]) -> None:
    """Stacked shares of intensities A to E."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("levels", BLUES[1:])
    places, total = np.arange(len(levels)), levels.sum(axis=1)
    left = np.zeros(len(levels))
    for at, name in enumerate(_LEVELS):
        share = 100 * levels[:, at] / np.maximum(total, 1)
        axes.barh(places, share, 0.72, left=left, color=shades(at / 4), label=name)
        left += share
    axes.set_xlim(0, 100)
    axes.set_xlabel("by intensity, % of rows above 0")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=0.9)
    _plain(axes)


def _plain(axes: Any) -> None:
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
