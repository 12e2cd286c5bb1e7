"""Which action units are shown together: of the rows with one, how many have another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots.confusion_latex import DARK
from mien.plots.figure import BLUES, INK, drawn, frame_cells, shade_bar


def plot_co_occurrence(
    units: Sequence[str], shares: NDArray[Any], both: NDArray[Any], path: str | Path, *, title: str = ""
) -> None:
    """Draw a heat map of P(column | row), with the rows that show both; the diagonal is how often a unit is shown.

    Args:
        units: k names.
        shares: (k, k) percent; NaN stays blank.
        both: (k, k) rows that show both units.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: shapes that do not fit, or no units.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    table, counts = np.asarray(shares, np.float64), np.asarray(both, np.int64)
    if not units or table.shape != (len(units),) * 2 or counts.shape != table.shape:
        raise ValueError(f"shares {table.shape} and both {counts.shape} for {len(units)} units")
    with drawn(path, max(0.6 * len(units) + 3.0, 5.4), 0.6 * len(units) + 1.6) as figure:
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.patches import Rectangle

        axes = figure.add_subplot()
        shades = LinearSegmentedColormap.from_list("shares", BLUES)
        image = axes.imshow(np.nan_to_num(table), cmap=shades, vmin=0, vmax=100)
        frame_cells(axes, units, units)
        for row, column in np.ndindex(table.shape):
            share = table[row, column]
            if not np.isnan(share):
                axes.text(column, row, f"{share:.0f}\n{_short(int(counts[row, column]))}", ha="center", va="center",
                          fontsize=7, color="white" if share > DARK else INK, linespacing=1.1,
                          weight="bold" if row == column else "normal", alpha=0.35 if share == 0 else 1.0)  # fmt: skip
        for at in range(len(units)):  # what stands on the diagonal is another number
            axes.add_patch(Rectangle((at - 0.5, at - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=1.1, zorder=3))
        axes.set_ylabel("rows that show ...")
        axes.set_xlabel("... show also (framed: how often it is shown)")
        shade_bar(figure, axes, image, "%, and rows below it")
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")


def _short(count: int) -> str:
    """A count in at most five characters: 9,999, 12k, 1.2M."""
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1e3:.0f}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"
