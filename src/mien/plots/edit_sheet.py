"""Faces beside what a generator made of them: a row a face, a column an emotion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import drawn

ORIGINAL = "original"
_FACE = 0.8  # inches
_GAP = 0.06  # share of a face's side between two


def plot_edit_sheet(
    faces: NDArray[np.uint8], edits: NDArray[np.uint8], names: Sequence[str], path: str | Path, *, title: str = ""
) -> None:
    """Draw each face, and its edits to the right of it.

    Args:
        faces: uint8 (n, h, w, c), c being 1 for grey and 3 for RGB.
        edits: uint8 (n, k, h, w, c).
        names: the k columns', such as emotions or intensities.
        path: ends in png, pdf or svg.

    Raises:
        ValueError: shapes that do not fit.
        MienError: no faces, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    n, k = len(faces), len(names)
    if edits.shape != (n, k, *faces.shape[1:]):
        raise ValueError(f"edits: shape {edits.shape}, expected {(n, k, *faces.shape[1:])}")
    if not n:
        raise MienError(f"{path}: no faces to draw")
    height, width = faces.shape[1:3]
    gap = max(round(height * _GAP), 1)
    sheet = _sheet(np.concatenate([faces[:, None], edits], axis=1), gap)
    inches = _FACE * width / height
    with drawn(path, inches * (k + 1) + 0.4, _FACE * n + (0.7 if title else 0.4)) as figure:
        axes = figure.add_subplot()
        axes.imshow(sheet, interpolation="nearest")
        middles = [width / 2, *(width * (at + 1.5) + gap * (at + 2) for at in range(k))]
        axes.set_xticks(middles, [ORIGINAL, *names], fontsize=8)
        axes.xaxis.tick_top()
        axes.set_yticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")


def _sheet(cells: NDArray[np.uint8], gap: int) -> NDArray[np.uint8]:
    """(n, 1 + k, h, w, c) -> an RGB picture on white; the first column stands off by a double gap."""
    n, columns, height, width, _ = cells.shape
    sheet = np.full((n * (height + gap) - gap, columns * (width + gap), 3), 255, np.uint8)
    for row, column in np.ndindex(n, columns):
        top, left = row * (height + gap), column * (width + gap) + (gap if column else 0)
        sheet[top : top + height, left : left + width] = cells[row, column]
    return sheet
