"""Training curves: loss, accuracy and learning rate by epoch, as they stand in a run's log.csv."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.plots.figure import COLOURS, FAINT, INK, drawn

Series = tuple[list[float], list[float]]

_PANELS: Sequence[tuple[str, tuple[str, ...], bool]] = (
    # label of the axis, the words by which a column belongs to it, whether higher is better
    ("loss", ("loss", "nll"), False),
    ("%", ("top1", "top2", "acc", "accuracy", "f1"), True),
    ("agreement, -1 to 1", ("ccc", "icc"), True),
    ("learning rate", ("lr",), False),
)
_PLACES = {"train": 0, "val": 1, "validation": 1, "test": 2}


def plot_curves(rows: Iterable[Mapping[str, Any]], path: str | Path, *, title: str = "") -> None:
    """Draw what a run's log holds: one panel each for losses, percentages and learning rates.

    Args:
        rows: one mapping an epoch, e.g. epoch, train_loss, val_loss, val_top1, lr; values may be text as
            read from a CSV file. Columns that are missing, empty or of another kind are left out; without
            `epoch` rows count from 1. The best value of a validation column is marked.
        path: ends in png, pdf or svg.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    series = _series(rows)
    panels = [(label, [c for c in series if words & _words(c)], higher)
              for label, names, higher in _PANELS for words in (set(names),)]  # fmt: skip
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        from mien.errors import MienError

        raise MienError(f"{path}: no losses or accuracies in the log to draw; train an epoch first")
    with drawn(path, 4.4 * len(panels) + 0.2, 3.4) as figure:
        for axes, (label, columns, higher) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            _panel(axes, label, {c: series[c] for c in columns}, higher)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _words(column: str) -> set[str]:
    return set(column.lower().replace("/", "_").replace("-", "_").split("_"))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _series(rows: Iterable[Mapping[str, Any]]) -> dict[str, Series]:
    """Column -> epochs and values, only where there is a finite number."""
    out: dict[str, Series] = {}
    for count, row in enumerate(rows, 1):
        epoch = _number(row.get("epoch", count))
        for column, value in row.items():
            number = _number(value)
            if column and column != "epoch" and math.isfinite(number) and math.isfinite(epoch):
                epochs, values = out.setdefault(column, ([], []))
                epochs.append(epoch)
                values.append(number)
    return out


def _panel(axes: Any, label: str, columns: dict[str, Series], higher: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    taken: set[str] = set()
    for column, (epochs, values) in columns.items():
        place = next((_PLACES[w] for w in column.lower().split("_") if w in _PLACES), None)
        colour = COLOURS[place] if place is not None and COLOURS[place] not in taken else None
        colour = colour or next((c for c in COLOURS if c not in taken), INK)
        taken.add(colour)
        name = column.replace("_", " ")
        if place == 1:
            best = (max if higher else min)(range(len(values)), key=values.__getitem__)
            name += f", best {values[best]:.4g} at {epochs[best]:g}"
            axes.plot(epochs[best], values[best], "o", color=colour, markersize=5, zorder=3)
        dots = "o" if len(values) <= 3 else ""
        axes.plot(epochs, values, color=colour, linewidth=1.7, marker=dots, markersize=4, label=name)
    axes.set_xlabel("epoch")
    axes.set_title(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.12)
    axes.legend(fontsize=8.5, loc="best")
