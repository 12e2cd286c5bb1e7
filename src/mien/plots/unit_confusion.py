"""Which unit is said in place of which: a multi-label confusion matrix as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots.figure import BLUES, INK, drawn, frame_cells, shade_bar
from mien.score.confusion import row_percentages

_DARK = 55
"""Percent from which on numbers are white."""


def plot_unit_confusion(between: NDArray[Any], units: Sequence[str], path: str | Path, *, title: str = "") -> None:
    """Draw `score.multilabel_confusion.between_units`: percentages of each row's count, with the count below.

    Args:
        between: (u + 1, u + 1) counts, row = shown, column = said, the last of both being none.
        units: u names.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: shapes that do not fit.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    table, u = np.asarray(between), len(units)
    if not u or table.shape != (u + 1, u + 1):
        raise ValueError(f"between: shape {table.shape}, expected ({u + 1}, {u + 1})")
    shares = row_percentages(table)
    with drawn(path, 0.52 * (u + 1) + 2.6, 0.46 * (u + 1) + 1.6) as figure:
        from matplotlib.colors import LinearSegmentedColormap

        axes = figure.add_subplot()
        shades = LinearSegmentedColormap.from_list("shares", BLUES)
        image = axes.imshow(np.nan_to_num(shares), cmap=shades, vmin=0, vmax=100, aspect="auto")
        totals = table.sum(axis=1)
        rows = [f"{name} ({int(n):,})" for name, n in zip([*units, "nothing shown"], totals, strict=True)]
        frame_cells(axes, [*units, "nothing said"], rows)
        for row, column in np.ndindex(table.shape):
            count = int(table[row, column])
            if not count:
                continue
            colour = "white" if shares[row, column] > _DARK else INK
            weight = "bold" if row == column else "normal"
            axes.text(column, row - 0.08, f"{shares[row, column]:.0f}", ha="center", va="center", fontsize=8,
                      color=colour, weight=weight)  # fmt: skip
            axes.text(column, row + 0.29, f"{count:,}", ha="center", va="center", fontsize=5.5, color=colour)
        axes.set_xlabel("said")
        axes.set_ylabel("shown")
        shade_bar(figure, axes, image, "% of the row")
        if title:
            axes.set_title(title, fontsize=10)
