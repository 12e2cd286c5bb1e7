"""A heat map: which emotions are told better or worse when another is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.labels import EMOTIONS
from mien.plots.figure import INK, drawn

_SHADES = ["#b5502a", "#f6f7f8", "#1f5fa8"]
"""Worse, the same, better; told apart also without colour vision."""


def plot_leave_one_out(table: Sequence[Mapping[str, Any]], path: str | Path) -> None:
    """Draw changes of recall in percentage points: a row for what was left out, a column an emotion.

    Args:
        table: rows with `left_out`, a recall in percent by emotion's name, and `change_EMOTION` where known;
            without any changes the recalls themselves are drawn. What was left out stays blank.
        path: ends in png, pdf or svg.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    changed = [row for row in table if any(key.startswith("change_") for key in row) and row["left_out"] != "nothing"]
    rows = changed or list(table)
    emotions = [e for e in EMOTIONS if any(e in row for row in rows)]
    prefix = "change_" if changed else ""
    cells = np.array([[row.get(prefix + e, np.nan) for e in emotions] for row in rows], float)
    rest = np.array([row["rest"] - row["rest_before"] if changed else row["rest"] for row in rows])
    with drawn(path, 0.78 * len(emotions) + 3.0, 0.44 * len(rows) + 1.9) as figure:
        from matplotlib.colors import LinearSegmentedColormap

        axes = figure.add_subplot()
        both = np.column_stack([cells, rest])
        most = float(np.nanmax(np.abs(both))) or 1.0
        shades = LinearSegmentedColormap.from_list("change", _SHADES if changed else _SHADES[1:])
        axes.imshow(both, cmap=shades, vmin=-most if changed else 0, vmax=most, aspect="auto")
        for (i, j), value in np.ndenumerate(both):
            if np.isfinite(value):
                colour = "white" if abs(value) > 0.62 * most else INK
                text = f"{value:+.1f}" if changed else f"{value:.1f}"
                axes.text(j, i, text, ha="center", va="center", fontsize=8.5, color=colour)
        axes.set_xticks(range(len(emotions) + 1), [*emotions, "mean"], rotation=38, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), [row["left_out"] for row in rows])
        axes.axvline(len(emotions) - 0.5, color="white", linewidth=3)
        axes.set_ylabel("left out")
        axes.set_title("change of recall, percentage points" if changed else "recall, %")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
