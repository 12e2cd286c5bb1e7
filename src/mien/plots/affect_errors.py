"""Valence and arousal as a model says them against their labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.labels import AFFECT
from mien.plots.circumplex import MANY, shade
from mien.plots.figure import COLOURS, FAINT, drawn

_GREY = "#8b929b"


def plot_affect_errors(targets: NDArray[Any], said: NDArray[Any], path: str | Path, *, title: str = "") -> None:
    """Draw what is said against what is labelled, valence and arousal side by side, as densities with the diagonal.

    Args:
        targets, said: (n, 2) in -1..1, NaN where there is no label.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: other shapes.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    true, given = np.asarray(targets, np.float64), np.asarray(said, np.float64)
    if true.shape != given.shape or true.ndim != 2 or true.shape[1] != 2:
        raise ValueError(f"targets {true.shape}, said {given.shape}: expected (n, 2) twice")
    with drawn(path, 2 * 3.4, 3.6 + (0.3 if title else 0)) as figure:
        for at, (axes, name) in enumerate(zip(figure.subplots(1, 2, squeeze=False)[0], AFFECT, strict=True)):
            known = np.isfinite(true[:, at])
            x, y = true[known, at], given[known, at]
            if len(x) > MANY:
                shade(axes, x, y)
            else:
                axes.plot(x, y, "o", color=COLOURS[0], markersize=3.5, alpha=0.5, markeredgewidth=0)
            axes.plot([-1, 1], [-1, 1], color=_GREY, linewidth=1, linestyle=(0, (3, 3)))
            axes.set_xlim(-1.02, 1.02)
            axes.set_ylim(-1.02, 1.02)
            axes.set_aspect("equal")
            axes.set_xlabel(f"{name}, label")
            axes.set_ylabel("said" if not at else "")
            axes.grid(color=FAINT, linewidth=0.6)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
