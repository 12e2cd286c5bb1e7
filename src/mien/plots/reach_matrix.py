"""Percentages by two kinds of emotion: what a face showed and what was asked for, or that and what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots.confusion_latex import DARK
from mien.plots.figure import BLUES, INK, drawn, frame_cells, shade_bar


def plot_reach_matrix(
    shares: NDArray[Any],
    rows: Sequence[str],
    columns: Sequence[str],
    path: str | Path,
    *,
    row_label: str,
    column_label: str,
    meaning: str,
    title: str = "",
) -> None:
    """Draw a matrix of percentages.

    Args:
        shares: (r, c) percent; NaN stays blank.
        rows, columns: r and c names.
        row_label, column_label, meaning: what rows, columns and shades are.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: shapes that do not fit.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    table = np.asarray(shares, np.float64)
    if table.shape != (len(rows), len(columns)) or not table.size:
        raise ValueError(f"shares: shape {table.shape}, expected ({len(rows)}, {len(columns)})")
    names = 0.085 * max(map(len, rows))
    with drawn(path, 0.62 * len(columns) + names + 1.9, 0.62 * len(rows) + 1.75) as figure:
        from matplotlib.colors import LinearSegmentedColormap

        axes = figure.add_subplot()
        shades = LinearSegmentedColormap.from_list("shares", BLUES)
        image = axes.imshow(np.nan_to_num(table), cmap=shades, vmin=0, vmax=100)
        frame_cells(axes, columns, rows)
        axes.set_ylabel(row_label)
        axes.set_xlabel(column_label)
        for row, column in np.ndindex(table.shape):
            share = table[row, column]
            if not np.isnan(share):
                axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=9.5,
                          color="white" if share > DARK else INK, weight="bold" if row == column else "normal",
                          alpha=0.35 if share == 0 else 1.0)  # fmt: skip
        shade_bar(figure, axes, image, meaning)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")
