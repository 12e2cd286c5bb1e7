"""How every figure is made and written: one look, no window, no global state of matplotlib changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.errors import MienError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".pdf", ".svg")
INK = "#22262b"
FAINT = "#d9dde2"
COLOURS = ("#1f5fa8", "#d1622b", "#3b8f5a", "#8a5aa8", "#b8860b", "#5b6570")
"""Told apart also without colour vision and in print; in the order in which series take them."""
BLUES = ("#ffffff", "#d6e4f2", "#8db7dc", "#3b7bbd", "#123f7a")
"""White to deep blue, evenly darker: the shades of 0 to 100 percent."""

_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": "#8b929b",
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: searchable, and the same font as the page
    "svg.hashsalt": "mien",  # the same figure gives the same file
    "pdf.fonttype": 42,
}


def check_path(path: str | Path, more: tuple[str, ...] = ()) -> Path:
    """The path of a figure to be.

    Args:
        more: suffixes that this figure can have besides SUFFIXES.

    Raises:
        MienError: another suffix.
    """
    path = Path(path)
    known = (*SUFFIXES, *more)
    if path.suffix.lower() not in known:
        raise MienError(f"{path}: unknown kind of figure; end the name in {', '.join(known)}")
    return path


def frame_cells(axes: Any, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Names beside and slanted below a matrix of cells, and faint lines between them."""
    axes.set_xticks(range(len(columns)), columns, rotation=38, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks([at - 0.5 for at in range(len(columns) + 1)], minor=True)
    axes.set_yticks([at - 0.5 for at in range(len(rows) + 1)], minor=True)
    axes.grid(which="minor", color=FAINT, linewidth=0.6)
    axes.tick_params(which="minor", length=0)


def shade_bar(figure: Figure, axes: Any, image: Any, label: str) -> None:
    """What the shades of a matrix mean."""
    bar = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02, shrink=0.8)
    bar.outline.set_visible(False)
    bar.set_label(label)
    bar.ax.tick_params(length=0)


@contextmanager
def drawn(path: str | Path, width: float, height: float) -> Iterator[Figure]:
    """A figure of that size in inches, written to `path` when the block ends without an error.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    path = check_path(path)
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise MissingExtraError("drawing a figure", "plots", "matplotlib") from error
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        # without a date the same numbers give the same file
        undated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(path.suffix.lower())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=200, metadata=undated)
        except OSError as error:
            raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error
