"""A confusion matrix as a figure: percentages of each true class, with the counts below them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots import figure as figures
from mien.plots.confusion_latex import DARK, write_confusion_latex
from mien.plots.figure import BLUES, INK, drawn, frame_cells, shade_bar
from mien.score.confusion import row_percentages

LATEX = ".tex"


def check_path(path: str | Path) -> Path:
    """The path of a confusion matrix to be: a figure, or a LaTeX table.

    Raises:
        MienError: a suffix that is not known.
    """
    return figures.check_path(path, (LATEX,))


def plot_confusion(
    confusion: NDArray[Any] | Sequence[Sequence[int]],
    names: Sequence[str],
    path: str | Path,
    *,
    counts: bool = False,
    title: str = "",
    subtitle: str = "",
) -> None:
    """Draw a confusion matrix; the suffix of `path` (png, pdf, svg, tex) names the format.

    A cell's shade and large number are the percentage of its row's true class that was given the column's
    name, the small number is the count. A class without rows stays blank. A .tex file is a table, and needs no
    matplotlib.

    Args:
        confusion: (k, k) counts, row = true class, column = predicted class.
        names: k names, in that order.
        counts: the count as the large number, and no percentages.

    Raises:
        ValueError: shapes that do not fit.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    table = np.asarray(confusion)
    k = len(names)
    if table.shape != (k, k) or k == 0:
        raise ValueError(f"confusion: shape {table.shape}, expected ({k}, {k})")
    if check_path(path).suffix.lower() == LATEX:
        write_confusion_latex(table, names, path, counts=counts, title=title, subtitle=subtitle)
        return
    cells = 0.62 * k
    labels = 0.085 * max(len(name) + len(f" ({n:,})") for name, n in zip(names, table.sum(axis=1), strict=True))
    width = max(cells + labels + 1.7, labels + 0.075 * len(subtitle) + 0.7)
    with drawn(path, width, cells + 1.75) as figure:
        from matplotlib.colors import LinearSegmentedColormap

        axes = figure.add_subplot()
        shares = row_percentages(table)
        shades = LinearSegmentedColormap.from_list("shares", BLUES)
        image = axes.imshow(np.nan_to_num(shares), cmap=shades, vmin=0, vmax=100)
        _frame(axes, names, table.sum(axis=1))
        _numbers(axes, shares, table, counts)
        shade_bar(figure, axes, image, "% of the true class")
        if subtitle:
            axes.set_title(subtitle, fontsize=9, fontweight="normal", pad=8)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold")


def _frame(axes: Any, names: Sequence[str], n: NDArray[Any]) -> None:
    frame_cells(axes, names, [f"{name} ({rows:,})" for name, rows in zip(names, n, strict=True)])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true (rows)")


def _numbers(axes: Any, shares: NDArray[np.float64], table: NDArray[Any], counts: bool) -> None:
    for row, column in np.ndindex(table.shape):
        share, count = shares[row, column], table[row, column]
        if np.isnan(share):
            continue
        colour = "white" if share > DARK else INK
        weight = "bold" if row == column else "normal"
        large = f"{count:,}" if counts or count == 0 else f"{share:.1f}"
        faded = 0.35 if count == 0 else 1.0
        axes.text(column, row - (0 if counts else 0.08), large, ha="center", va="center", fontsize=9.5,
                  color=colour, weight=weight, alpha=faded)  # fmt: skip
        if count and not counts:
            axes.text(column, row + 0.27, f"{count:,}", ha="center", va="center", fontsize=6.5,
                      color=colour)  # fmt: skip
