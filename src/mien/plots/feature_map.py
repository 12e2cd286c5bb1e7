"""Faces as points on a flat map of their features, coloured by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.plots.figure import COLOURS, FAINT, drawn
from mien.runtime.palette import COLOURS as OF_EMOTIONS

_PANEL = 4.6  # inches


def plot_features(
    points: Mapping[str, NDArray[np.floating]],
    labels: NDArray[np.int64],
    names: Sequence[str],
    path: str | Path,
    *,
    title: str = "",
) -> None:
    """Draw a panel for each of `points`, all to one scale, so that a face can be followed from one to the next.

    Args:
        points: title of a panel -> (n, 2), the same n faces in each.
        labels: (n,) positions in `names`; -1, no label, is drawn faintly.
        names: of the labels; emotions have their own colours.
        path: ends in png, pdf or svg.

    Raises:
        MienError: nothing to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if not points or not len(labels):
        raise MienError(f"{path}: no faces to draw")
    everything = np.concatenate([np.asarray(each, np.float64) for each in points.values()])
    low, high = everything.min(axis=0), everything.max(axis=0)
    room = 0.04 * np.maximum(high - low, 1e-9)
    with drawn(path, _PANEL * len(points) + 1.3, _PANEL + 0.5) as figure:
        panels = figure.subplots(1, len(points), squeeze=False)[0]
        for axes, (name, each) in zip(panels, points.items(), strict=True):
            _panel(axes, np.asarray(each), labels, names)
            axes.set_title(name, loc="left")
            axes.set_xlim(low[0] - room[0], high[0] + room[0])
            axes.set_ylim(low[1] - room[1], high[1] + room[1])
        handles, words = panels[0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside right upper", markerscale=2.5, fontsize=9, handletextpad=0.2)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11)


def _panel(axes: Any, points: NDArray[np.floating], labels: NDArray[np.int64], names: Sequence[str]) -> None:
    size = float(np.clip(9000 / max(len(points), 1), 4, 22))
    unknown = labels < 0
    if unknown.any():
        axes.scatter(*points[unknown].T, s=size, color=FAINT, linewidths=0, label="no label")
    # one shuffled scatter: class after class would bury the first under the last
    known = np.random.default_rng(0).permutation(np.flatnonzero(~unknown))
    colours = np.asarray([_colour(name, k) for k, name in enumerate(names)])
    axes.scatter(*points[known].T, s=size, c=colours[labels[known]], linewidths=0, alpha=0.8)
    for k, name in enumerate(names):
        if (labels == k).any():
            axes.scatter([], [], s=size, color=colours[k], label=name)
    axes.set_xticks([])
    axes.set_yticks([])


def _colour(name: str, place: int) -> tuple[float, float, float]:
    if name in EMOTIONS:
        red, green, blue = OF_EMOTIONS[name]
        return red / 255, green / 255, blue / 255
    text = COLOURS[place % len(COLOURS)]
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255
