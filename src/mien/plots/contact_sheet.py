"""Sample faces of each class on one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import drawn

_FACE = 0.62  # inches
_GAP = 0.06  # share of a face's side between two


def plot_contact_sheet(faces: Mapping[str, NDArray[np.uint8]], path: str | Path, *, title: str = "") -> None:
    """Draw a row of faces a class.

    Args:
        faces: name of a class -> (m, h, w, c) uint8, c being 1 for grey and 3 for RGB; one size for all, m may
            differ and be 0.
        path: ends in png, pdf or svg.

    Raises:
        MienError: no faces, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    columns = max((len(some) for some in faces.values()), default=0)
    if not columns:
        raise MienError(f"{path}: no labelled faces to draw")
    sheet, step = _sheet(list(faces.values()), columns)
    with drawn(path, _FACE * columns + 1.4, _FACE * len(faces) + 0.5) as figure:
        axes = figure.add_subplot()
        axes.imshow(sheet, interpolation="nearest")
        axes.set_yticks([(row + 0.5) * step for row in range(len(faces))], list(faces))
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        if title:
            axes.set_title(title)


def _sheet(rows: list[NDArray[np.uint8]], columns: int) -> tuple[NDArray[np.uint8], int]:
    """RGB picture of all faces on white, and the pixels from one face to the next."""
    side = max(max(some.shape[1:3]) for some in rows if len(some))
    step = side + max(round(side * _GAP), 1)
    sheet = np.full((step * len(rows), step * columns, 3), 255, np.uint8)
    for row, some in enumerate(rows):
        for column, face in enumerate(some):
            height, width = face.shape[:2]
            sheet[row * step : row * step + height, column * step : column * step + width] = face
    return sheet, step
