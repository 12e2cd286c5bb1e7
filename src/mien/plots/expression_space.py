"""Where the emotions lie in a generator's space, and the way they took there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plots.figure import FAINT, INK, drawn
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace
from mien.runtime.palette import COLOURS

History = Sequence[tuple[int, NDArray[Any]]]

_SIDE = 5.4  # inches
_TURN = np.linspace(0, 2 * np.pi, 121)
_GREY = "#8b929b"


def plot_expression_space(space: ExpressionSpace, path: str | Path, *, history: History = (), title: str = "") -> None:
    """Draw the emotions of a generator at their places: GANmut's conditional space (d'Apolito et al., CVPR 2021).

    A linear space is drawn as arrows from the origin, which is neutral, to the circle of full strength; a Gaussian
    one as the ellipse of one standard deviation around each emotion, in the square that codes come from. In three
    dimensions a Gaussian's covariance need not be positive definite; then it has its place and no axes.

    Args:
        space: in two or three dimensions.
        path: ends in png, pdf or svg.
        history: (epoch, places (k, d)) as training went, in the order of `space.emotions`; drawn as faint trails
            that end at the places of now.

    Raises:
        ValueError: a history of other emotions or dimensions.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    for epoch, places in history:
        if np.shape(places) != space.places.shape:
            raise ValueError(f"history, epoch {epoch}: places of {np.shape(places)}, expected {space.places.shape}")
    with drawn(path, _SIDE, _SIDE + (0.4 if title else 0)) as figure:
        axes = figure.add_subplot(projection="3d" if space.dims == 3 else None)
        (_frame_in_space if space.dims == 3 else _frame)(axes, space.kind)
        for at, name in enumerate(space.emotions):
            _trail(axes, [*(np.asarray(p)[at] for _, p in history), space.places[at]] if history else [], name)
        for at in range(len(space.emotions)):
            _spread(axes, space, at)
            _mark(axes, space, at)
        if history:
            first, last = history[0][0], history[-1][0]
            axes.set_xlabel(f"trails: the places since epoch {first}" + (f", last {last}" if last != first else ""))
        if title:
            axes.set_title(title)


def _frame(axes: Any, kind: str) -> None:
    if kind == "linear":
        axes.plot(np.cos(_TURN), np.sin(_TURN), color=_GREY, linewidth=0.9)
        axes.plot(0.5 * np.cos(_TURN), 0.5 * np.sin(_TURN), color=FAINT, linewidth=0.7)
    axes.axhline(0, color=FAINT, linewidth=0.7, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=0.7, zorder=0)
    axes.set_aspect("equal")
    reach = 1.3 if kind == "linear" else 1.05  # names stand outside the circle, inside the square
    axes.set_xlim(-1.55 if kind == "linear" else -reach, 1.55 if kind == "linear" else reach)
    axes.set_ylim(-reach, reach)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.tick_params(length=0, labelsize=8, labelcolor=_GREY)
    if kind == "linear":
        axes.spines[:].set_visible(False)


def _frame_in_space(axes: Any, kind: str) -> None:
    if kind == "linear":
        up = np.zeros_like(_TURN)
        for ring in ((np.cos(_TURN), np.sin(_TURN), up), (np.cos(_TURN), up, np.sin(_TURN)),
                     (up, np.cos(_TURN), np.sin(_TURN))):  # fmt: skip
            axes.plot(*ring, color=_GREY, linewidth=0.5, alpha=0.6)
    for set_limits in (axes.set_xlim, axes.set_ylim, axes.set_zlim):
        set_limits(-1, 1)
    for set_ticks in (axes.set_xticks, axes.set_yticks, axes.set_zticks):
        set_ticks([-1, 0, 1])
    axes.set_box_aspect((1, 1, 1))


def _colour(name: str) -> tuple[float, float, float]:
    red, green, blue = COLOURS[name]
    return red / 255, green / 255, blue / 255


def _trail(axes: Any, points: list[NDArray[Any]], name: str) -> None:
    if points:
        way = np.stack(points).astype(np.float64)
        axes.plot(*way.T, color=_colour(name), alpha=0.45, linewidth=1.2, zorder=1)
        axes.plot(*way[0], marker="o", markersize=3, color=_colour(name), alpha=0.45, zorder=1)


def _spread(axes: Any, space: ExpressionSpace, at: int) -> None:
    """The arrow of a linear space, the one-sigma ellipse or the axes of a Gaussian one."""
    place, colour = space.places[at].astype(np.float64), _colour(space.emotions[at])
    if space.covariances is None:
        if space.emotions[at] != NEUTRAL:
            _arrow(axes, place, colour)
        return
    lengths, vectors = np.linalg.eigh(space.covariances[at].astype(np.float64))
    if lengths[0] <= 0:
        return
    half = vectors * np.sqrt(lengths)  # columns: the half axes of one standard deviation
    if space.dims == 2:
        round_ = place[:, None] + half @ np.stack([np.cos(_TURN), np.sin(_TURN)])
        axes.fill(*round_, facecolor=(*colour, 0.13), edgecolor=colour, linewidth=1.2, zorder=2)
        return
    for column in half.T:
        axes.plot(*np.stack([place - column, place + column]).T, color=colour, linewidth=1.2, alpha=0.7)


def _arrow(axes: Any, place: NDArray[np.float64], colour: tuple[float, float, float]) -> None:
    if len(place) == 3:
        axes.quiver(0, 0, 0, *place, color=colour, linewidth=1.8, arrow_length_ratio=0.08)
    else:
        axes.annotate("", place, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.8,
                                                     "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _mark(axes: Any, space: ExpressionSpace, at: int) -> None:
    """A dot at the place and the name beside it, on white where lines cross."""
    # not an outline around the letters: that would turn text into shapes
    paper = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.8}
    place, name = space.places[at].astype(np.float64), space.emotions[at]
    axes.plot(*place, marker="o", markersize=6, color=_colour(name), markeredgecolor="white", zorder=4)
    if space.dims == 3:
        axes.text(*(1.08 * place), name, fontsize=9, color=INK, bbox=paper)
        return
    outward = space.kind == "linear" and name != NEUTRAL
    if outward:  # on the far side of the arrow's head, so that neighbours' names part like their arrows
        x, y = 1.05 * place
        across = "center" if abs(place[0]) < 0.25 else "left" if place[0] > 0 else "right"
        down = "center" if abs(place[1]) < 0.25 else "bottom" if place[1] > 0 else "top"
        axes.text(x, y, name, fontsize=9.5, color=INK, ha=across, va=down, zorder=5, bbox=paper)
        return
    side, lift = (-7 if place[0] > 0.5 else 7), (-5 if place[1] > 0.85 else 5 if place[1] < -0.85 else 0)
    axes.annotate(name, place, (side, lift), textcoords="offset points", fontsize=9.5, color=INK, zorder=5,
                  bbox=paper, ha="right" if side < 0 else "left",
                  va="top" if lift < 0 else "bottom" if lift else "center")  # fmt: skip
