"""ROC and precision-recall curves of every class against the rest, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import COLOURS, FAINT, INK, drawn
from mien.score.ranking import one_against_rest, precision_recall_curve, roc_curve

_DASHES = ("-", "--", ":")
"""With six colours 18 classes can be told apart."""


def plot_rank_curves(
    targets: NDArray[Any], scores: NDArray[Any], names: Sequence[str], path: str | Path, *, title: str = ""
) -> None:
    """Draw the curves; the legends give the areas under them, and in brackets what chance gives.

    A class that all rows have or none has no curve. Lines between points of a ROC curve are straight; a
    precision-recall curve is drawn in steps, as its area is counted.

    Args:
        targets: (n,) classes 0..k-1.
        scores: (n, k) probabilities or any other scores, higher is likelier.
        names: k names, in the order of the classes.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: shapes that do not fit, NaN.
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    ranking = one_against_rest(targets, scores)
    if len(names) != len(ranking.n):
        raise ValueError(f"{len(names)} names for {len(ranking.n)} classes")
    shown = [c for c in range(len(names)) if not np.isnan(ranking.roc_auc[c])]
    if not shown:
        raise MienError(f"{path}: no curve to draw; it takes rows of at least two classes")
    labels = np.asarray(targets)

    def roc(axes: Any, c: int, line: dict[str, Any]) -> None:
        curve = roc_curve(labels == c, scores[:, c])
        axes.plot(curve.false_positive, curve.true_positive, label=f"{names[c]}  {ranking.roc_auc[c]:.3f}", **line)

    def precision(axes: Any, c: int, line: dict[str, Any]) -> None:
        curve = precision_recall_curve(labels == c, scores[:, c])
        told = f"{names[c]}  {ranking.average_precision[c]:.3f} ({ranking.n[c] / len(labels):.3f})"
        # the first point, where nothing is called positive, is a convention: the curve starts at the second
        steps = np.append(curve.precision[1:2], curve.precision[1:])
        axes.plot(curve.recall, steps, drawstyle="steps-pre", label=told, **line)

    with drawn(path, 11.6, 4.4 if len(shown) < 12 else 4.4 + 0.2 * (len(shown) - 11)) as figure:
        left, right = figure.subplots(1, 2)
        left.plot([0, 1], [0, 1], linestyle=(0, (1, 2)), color="#8b929b", linewidth=1)
        _panel(left, shown, roc, f"ROC, mean area {ranking.macro_roc_auc:.3f}")
        _panel(right, shown, precision, f"Precision and recall, mean area {ranking.macro_average_precision:.3f}")
        left.set_xlabel("false positive rate")
        left.set_ylabel("true positive rate")
        right.set_xlabel("recall")
        right.set_ylabel("precision")
        left.get_legend().set_title("area (chance 0.5)")
        right.get_legend().set_title("area (chance)")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _panel(axes: Any, shown: Sequence[int], draw: Callable[[Any, int, dict[str, Any]], None], title: str) -> None:
    for c in shown:
        style = {"color": COLOURS[c % len(COLOURS)], "linestyle": _DASHES[c // len(COLOURS) % len(_DASHES)]}
        draw(axes, c, {**style, "linewidth": 1.5})
    axes.set_title(title)
    axes.set_aspect("equal")
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    axes.grid(color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(1.0, 1.0), alignment="left", title_fontsize=8.5)
