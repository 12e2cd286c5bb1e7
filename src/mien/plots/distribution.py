"""How many rows each class has, as bars by split; several data sets or label schemes above each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, INK, drawn

_ROW = 2.7  # inches a panel


@dataclass(frozen=True, slots=True)
class Distribution:
    """One panel.

    Attributes:
        title: what is counted, e.g. "before" or "fer2013 labels".
        names: (k,) classes.
        series: split -> (k,) rows.
    """

    title: str
    names: Sequence[str]
    series: Mapping[str, Sequence[int]]


def plot_distribution(panels: Sequence[Distribution], path: str | Path, *, title: str = "") -> None:
    """Draw bars by class, grouped by split, a panel each; all panels share the scale of rows.

    A split has one colour in all panels. Each bar carries its number, and each split its imbalance: rows of its
    largest class over rows of its smallest.

    Args:
        panels: one or more; a split that has no labelled row is left out.
        path: ends in png, pdf or svg.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    panels = [Distribution(p.title, p.names, {s: c for s, c in p.series.items() if any(c)}) for p in panels]
    panels = [panel for panel in panels if panel.series]
    if not panels:
        raise MienError(f"{path}: no labelled rows to draw")
    splits = list(dict.fromkeys(split for panel in panels for split in panel.series))
    colours = {split: COLOURS[at % len(COLOURS)] for at, split in enumerate(splits)}
    bars = max(len(panel.names) * len(panel.series) for panel in panels)
    with drawn(path, min(max(6.4, 0.36 * bars + 1.6), 16), _ROW * len(panels) + 0.5) as figure:
        axes = figure.subplots(len(panels), 1, squeeze=False, sharey=True)[:, 0]
        for one, panel in zip(axes, panels, strict=True):
            _panel(one, panel, colours)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _panel(axes: Any, panel: Distribution, colours: Mapping[str, str]) -> None:
    width = 0.84 / len(panel.series)
    for at, (split, counts) in enumerate(panel.series.items()):
        places = [k + (at - (len(panel.series) - 1) / 2) * width for k in range(len(panel.names))]
        axes.bar(places, counts, width * 0.94, color=colours[split], label=_legend(split, counts))
        for place, count in zip(places, counts, strict=True):
            axes.text(place, count, f" {count:,}", ha="center", va="bottom", fontsize=7, color=INK,
                      rotation=90 if len(panel.series) > 1 else 0)  # fmt: skip
    axes.set_xticks(range(len(panel.names)), panel.names)
    axes.set_title(panel.title)
    axes.set_ylabel("rows")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.margins(x=0.02, y=0.2)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), title="rows, imbalance", alignment="left")


def _legend(split: str, counts: Sequence[int]) -> str:
    ratio = f"1 : {max(counts) / min(counts):.3g}" if min(counts) else "a class without rows"
    return f"{split}\n{sum(counts):,}, {ratio}"
