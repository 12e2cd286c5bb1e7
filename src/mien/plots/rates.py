"""A learning-rate sweep: loss against rate, with the rates that it suggests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.plots.figure import COLOURS, FAINT, drawn


def plot_rates(
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    marks: Mapping[str, float],
    path: str | Path,
    *,
    title: str = "",
) -> None:
    """Draw a sweep of learning rates, the rate on a logarithmic axis.

    Args:
        rates: n rising rates above 0.
        losses: n losses, one of a batch each; the axis ends at twice the first smoothed one.
        smoothed: n smoothed losses.
        marks: name -> rate, each drawn as a line with its value.
        path: ends in png, pdf or svg.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    with drawn(path, 6.4, 3.8) as figure:
        axes = figure.subplots()
        axes.plot(rates, losses, color=COLOURS[0], alpha=0.3, linewidth=1, label="loss of a batch")
        axes.plot(rates, smoothed, color=COLOURS[0], linewidth=1.8, label="smoothed")
        for place, (name, rate) in enumerate(marks.items(), 1):
            colour = COLOURS[place % len(COLOURS)]
            axes.axvline(rate, color=colour, linewidth=1.4, linestyle="--", label=f"{name}: {rate:.2g}")
        low = min(min(losses), min(smoothed))
        top = max(2 * smoothed[0], max(smoothed[: len(smoothed) // 2 + 1]))
        axes.set_ylim(low - 0.05 * (top - low), top)
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_title(title or "loss by learning rate")
        axes.grid(axis="y", color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=8.5, loc="upper left")
