"""Valence and arousal on Russell's circumplex: faces, a way through time, or where many lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS, emotion
from mien.plots.figure import BLUES, COLOURS, FAINT, INK, drawn
from mien.runtime.palette import colour_of

MANY = 400
"""From this many points on their density is drawn, and not each of them."""
BINS = 24
"""Cells of the density a side."""
FEW = 12
"""Up to this many points carry their labels."""
PLACES: Mapping[str, float] = {
    emotion(word): degrees
    for word, degrees in {"happy": 8, "surprised": 70, "angry": 99, "afraid": 116, "sad": 208}.items()
}
"""Emotion -> degrees on the circle, from pleasure over arousal: where Russell 1980, "A circumplex model of affect", has
`happy`, `astonished`, `angry`, `afraid` and `sad` in the circular ordering of 28 words (Ross' technique).

They are places of words in people's minds, not of faces. Disgust and contempt are not among his words; neutral is the
circle's middle by what the axes mean.
"""

_SIDE = 5.0  # inches
_TURN = np.linspace(0, 2 * np.pi, 181)
_GREY = "#8b929b"
_SHAPES = "os^vDPX*"
"""A shape an emotion, in the order of EMOTIONS: told apart also without colour vision and in print."""
_QUADRANTS = {(0.97, 0.97): "excited", (-0.97, 0.97): "distressed", (-0.97, -0.97): "depressed", (0.97, -0.97): "calm"}
"""Corner -> a word for it, as Russell 1980, "A circumplex model of affect", places such words."""


def plot_circumplex(
    valence: NDArray[Any] | Sequence[float],
    arousal: NDArray[Any] | Sequence[float],
    path: str | Path,
    *,
    time: NDArray[Any] | Sequence[float] | None = None,
    emotions: Sequence[str | None] | None = None,
    labels: Sequence[str] | None = None,
    title: str = "",
) -> None:
    """Draw points in the square of valence (across) and arousal (up) with the unit circle.

    Up to MANY points are drawn each; from there on cells are shaded by how many lie in them. With `time` a line
    joins the points in that order, light where it starts and dark where it ends; a point without values breaks it.
    Emotions' names stand on the circle at PLACES, for guidance. No interval is drawn: a point is what the model says,
    and how far it may be off is for `mien evaluate` to measure.

    Args:
        valence, arousal: (n,) in -1..1; a point where either is NaN is left out.
        path: ends in png, pdf or svg.
        time: (n,) seconds, in any order.
        emotions: (n,) an emotion's name or None, the point's colour and shape; with `time` they are not shown.
        labels: (n,) words beside the points, drawn up to FEW points and without `time`.

    Raises:
        ValueError: lengths that differ, a value out of -1..1, or a name that is no emotion.
        MienError: no point to draw, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    x, y = _checked(valence, arousal)
    when = None if time is None else np.asarray(time, np.float64)
    for name, values in (("time", when), ("emotions", emotions), ("labels", labels)):
        if values is not None and len(values) != len(x):
            raise ValueError(f"{name}: {len(values)} for {len(x)} points")
    if odd := sorted({one for one in emotions or () if one and one not in EMOTIONS}):
        raise ValueError(f"emotions: {odd[0]!r} is none of {', '.join(EMOTIONS)}")
    known = np.isfinite(x) & np.isfinite(y)
    if when is not None:
        known &= np.isfinite(when)
    if not known.any():
        raise MienError(f"{path}: no valence and arousal to draw; the model needs a head for them")
    beside = 1.1 if emotions and when is None else 0.8 if when is not None or known.sum() > MANY else 0.0
    with drawn(path, _SIDE + beside, _SIDE + (0.3 if title else 0)) as figure:
        axes = figure.add_subplot()
        if known.sum() > MANY and when is None:
            _density(figure, axes, x[known], y[known])
        _frame(axes)
        if when is not None:
            _way(figure, axes, x, y, when, known)
        elif known.sum() <= MANY:
            _points(axes, x[known], y[known], [one for one, k in zip(emotions or (), known, strict=False) if k])
            if labels and known.sum() <= FEW:
                _names(axes, x[known], y[known], [one for one, k in zip(labels, known, strict=True) if k])
        if known.sum() > 1:
            axes.plot(x[known].mean(), y[known].mean(), "+", color=INK, markersize=11, markeredgewidth=1.6, zorder=5)
            axes.set_xlabel(f"valence; n = {int(known.sum()):,}, + their mean")
        if title:
            axes.set_title(title)


def density(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """(BINS, BINS) share of the points in each cell of -1..1, row = arousal from below, column = valence."""
    counts, _, _ = np.histogram2d(y, x, bins=BINS, range=((-1, 1), (-1, 1)))
    return np.asarray(counts / max(counts.sum(), 1))


def _checked(
    valence: NDArray[Any] | Sequence[float], arousal: NDArray[Any] | Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(valence, np.float64), np.asarray(arousal, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"valence {x.shape}, arousal {y.shape}: expected (n,) twice")
    for name, values in (("valence", x), ("arousal", y)):
        if (np.abs(values[np.isfinite(values)]) > 1).any():
            raise ValueError(f"{name}: out of -1..1")
    return x, y


def _frame(axes: Any) -> None:
    axes.plot(np.cos(_TURN), np.sin(_TURN), color=_GREY, linewidth=0.9, zorder=1)
    axes.axhline(0, color=_GREY, linewidth=0.7, zorder=1)
    axes.axvline(0, color=_GREY, linewidth=0.7, zorder=1)
    axes.set_aspect("equal")
    axes.set_xlim(-1.04, 1.04)
    axes.set_ylim(-1.04, 1.04)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("valence")
    axes.set_ylabel("arousal")
    axes.tick_params(length=0, labelsize=8)
    axes.spines[:].set_color(FAINT)
    _places(axes)
    for (across, up), word in _QUADRANTS.items():
        axes.text(across, up, word, fontsize=8, color=_GREY, ha="right" if across > 0 else "left",
                  va="top" if up > 0 else "bottom", zorder=1)  # fmt: skip


def _places(axes: Any) -> None:
    """Emotions' names just inside the circle, each with a tick on it."""
    for name, degrees in PLACES.items():
        across, up = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        axes.plot([0.97 * across, 1.03 * across], [0.97 * up, 1.03 * up], color=_GREY, linewidth=0.9, zorder=1)
        axes.text(0.93 * across, 0.93 * up, name, fontsize=8, style="italic", color=_GREY, zorder=1,
                  ha="right" if across > 0.3 else "left" if across < -0.3 else "center",
                  va="top" if up > 0.3 else "bottom" if up < -0.3 else "center")  # fmt: skip
    axes.text(0.02, 0.02, emotion("neutral"), fontsize=8, style="italic", color=_GREY, zorder=1, ha="left", va="bottom")


def _names(axes: Any, x: NDArray[Any], y: NDArray[Any], labels: Sequence[str]) -> None:
    """Words beside points, on the side where there is room."""
    for across, up, word in zip(x.tolist(), y.tolist(), labels, strict=True):
        left = across > 0.2
        axes.annotate(word, (across, up), xytext=(-6 if left else 6, 4), textcoords="offset points", fontsize=7.5,
                      ha="right" if left else "left", color=INK, zorder=6, parse_math=False)  # fmt: skip


def _points(axes: Any, x: NDArray[Any], y: NDArray[Any], emotions: Sequence[str | None]) -> None:
    size = 6.5 if len(x) <= 60 else 4.0
    how: Mapping[str, Any] = {"markersize": size, "markeredgecolor": "white", "markeredgewidth": 0.5, "alpha": 0.9}
    if not emotions:
        axes.plot(x, y, "o", color=COLOURS[0], zorder=4, **how)
        return
    for name, shape in zip((*EMOTIONS, None), (*_SHAPES, "."), strict=True):
        of = np.array([one == name for one in emotions], np.bool_)
        if of.any():
            red, green, blue = colour_of(name)
            colour = (red / 255, green / 255, blue / 255)
            axes.plot(x[of], y[of], shape, color=colour, zorder=4, label=name or "no answer", **how)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.1)


def _way(
    figure: Any, axes: Any, x: NDArray[Any], y: NDArray[Any], when: NDArray[Any], known: NDArray[np.bool_]
) -> None:
    """Segments from each moment to the next, coloured by time."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap

    order = np.argsort(np.where(np.isfinite(when), when, np.inf), kind="stable")
    points, there = np.stack([x, y], axis=1)[order], known[order]
    moments = when[order]
    joined = there[:-1] & there[1:]
    shades = LinearSegmentedColormap.from_list("time", BLUES[1:])
    lines = LineCollection(
        list(np.stack([points[:-1], points[1:]], axis=1)[joined]), cmap=shades, linewidths=1.6, zorder=3
    )
    lines.set_array(moments[1:][joined])
    first, last = float(moments[there].min()), float(moments[there].max())
    lines.set_clim(first, last if last > first else first + 1)
    axes.add_collection(lines)
    bar = figure.colorbar(lines, ax=axes, fraction=0.04, pad=0.02, shrink=0.8)
    bar.outline.set_visible(False)
    bar.set_label("time, s")
    bar.ax.tick_params(length=0)
    start, end = np.flatnonzero(there)[[0, -1]]
    axes.plot(*points[start], "o", color="white", markeredgecolor=INK, markersize=7, zorder=4)
    axes.plot(*points[end], "o", color=INK, markersize=7, zorder=4)


def _density(figure: Any, axes: Any, x: NDArray[Any], y: NDArray[Any]) -> None:
    image = shade(axes, x, y)
    bar = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02, shrink=0.8)
    bar.outline.set_visible(False)
    bar.set_label("% of the faces in a cell")
    bar.ax.tick_params(length=0)


def shade(axes: Any, x: NDArray[Any], y: NDArray[Any]) -> Any:
    """Draw `density` behind whatever else there is; gives the image."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("density", BLUES)
    return axes.imshow(100 * density(x, y), origin="lower", extent=(-1, 1, -1, 1), cmap=shades, vmin=0, zorder=0)
