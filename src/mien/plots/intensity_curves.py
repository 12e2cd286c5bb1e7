"""What a classifier sees of an emotion as more of it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.errors import MienError
from mien.plots.figure import FAINT, drawn
from mien.runtime.palette import COLOURS


def plot_intensity_curves(
    levels: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    path: str | Path,
    *,
    chance: float | None = None,
    title: str = "",
    subtitle: str = "",
) -> None:
    """Draw a line an emotion.

    Args:
        levels: (s,) intensities asked for, 0..1.
        curves: emotion -> (s,) mean probability of it, 0..1.
        chance: a probability to draw as a dashed line.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: curves of another length.
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if not curves:
        raise MienError(f"{path}: no curves to draw")
    with drawn(path, 6.4, 4.2) as figure:
        axes = figure.add_subplot()
        if chance is not None:
            axes.axhline(chance, color="#8b929b", linewidth=1, linestyle=(0, (3, 3)), label="chance")
        for name, values in curves.items():
            if len(values) != len(levels):
                raise ValueError(f"{name}: {len(values)} values for {len(levels)} intensities")
            colour = tuple(part / 255 for part in COLOURS[name])
            axes.plot(levels, values, color=colour, marker="o", markersize=3.5, linewidth=1.8, label=name)
        axes.set_xlabel("intensity asked for")
        axes.set_ylabel("mean probability")
        axes.set_xlim(min(levels), max(levels))
        axes.set_ylim(0, 1)
        axes.grid(color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        if subtitle:
            axes.set_title(subtitle, fontsize=9, fontweight="normal")
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold")
