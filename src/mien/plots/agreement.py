"""How often models say the same, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots.figure import BLUES, FAINT, INK, drawn, frame_cells, shade_bar


def plot_agreement(
    agreement: NDArray[Any] | Sequence[Sequence[float]],
    names: Sequence[str],
    path: str | Path,
    *,
    kappa: NDArray[Any] | Sequence[Sequence[float]] | None = None,
    title: str = "",
    subtitle: str = "",
) -> None:
    """Draw the agreement of models; the suffix of `path` (png, pdf, svg) names the format.

    A cell's shade and large number are the percentage of rows on which two models say the same, the small number
    is Cohen's kappa where it is given and defined. Shades run from the ten below the lowest percentage to 100,
    since models of one data set mostly agree. The diagonal, where a model meets itself, is grey.

    Args:
        agreement: (m, m) percentages.
        names: m models.
        kappa: (m, m), NaN or None in a cell where it is not defined.

    Raises:
        ValueError: shapes that do not fit.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    shares, m = np.array(agreement, np.float64), len(names)
    beyond = np.full((m, m), np.nan) if kappa is None else np.array(kappa, np.float64)
    if shares.shape != (m, m) or beyond.shape != (m, m) or m == 0:
        raise ValueError(f"agreement: shape {shares.shape}, kappa {beyond.shape}, expected ({m}, {m})")
    np.fill_diagonal(shares, np.nan)
    low = 0.0 if np.isnan(shares).all() else min(90.0, 10 * float(np.nanmin(shares) // 10))
    cells, labels = 0.75 * m, 0.085 * max(len(name) for name in names)
    width = max(cells + labels + 1.7, 0.085 * len(title) + 0.7, 0.075 * len(subtitle) + labels + 0.7)
    with drawn(path, width, cells + 0.6 * labels + 1.2) as figure:
        from matplotlib.colors import LinearSegmentedColormap

        axes = figure.add_subplot()
        shades = LinearSegmentedColormap.from_list("shares", BLUES).with_extremes(bad=FAINT)
        image = axes.imshow(shares, cmap=shades, vmin=low, vmax=100)
        frame_cells(axes, names, names)
        _numbers(axes, shares, beyond, low)
        shade_bar(figure, axes, image, "% same answer")
        if subtitle:
            axes.set_title(subtitle, fontsize=9, fontweight="normal", pad=8)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold")


def _numbers(axes: Any, shares: NDArray[np.float64], kappa: NDArray[np.float64], low: float) -> None:
    for row, column in np.ndindex(shares.shape):
        share = shares[row, column]
        if np.isnan(share):
            continue
        colour = "white" if (share - low) / (100 - low) > 0.62 else INK
        known = not np.isnan(kappa[row, column])
        axes.text(column, row - (0.08 if known else 0), f"{share:.1f}", ha="center", va="center", fontsize=9.5,
                  color=colour)  # fmt: skip
        if known:
            axes.text(column, row + 0.25, f"κ {kappa[row, column]:.2f}", ha="center", va="center", fontsize=6.5,
                      color=colour, alpha=0.85)  # fmt: skip
