"""Rows of faces, each with words under it, as one picture: no matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.drawing import font
from mien.runtime.palette import PANEL
from mien.runtime.sheet import GREY, PAPER

CELL, GAP, MARGIN, LINE = 112, 10, 16, 18
"""Pixels."""

Cells = Mapping[str, Sequence[tuple[NDArray[np.uint8], str]]]
"""Name of a row -> its faces, uint8 (h, w, c), each with its words."""


def draw_captioned(rows: Cells, title: str) -> NDArray[np.uint8]:
    """The rows under a title, a row's name above it, as uint8 RGB.

    Raises:
        ValueError: no faces.
    """
    from PIL import Image, ImageDraw

    columns = max((len(some) for some in rows.values()), default=0)
    if not columns:
        raise ValueError("no faces to draw")
    step = LINE + CELL + LINE + GAP
    size = (2 * MARGIN + columns * (CELL + GAP) - GAP, 2 * MARGIN + LINE + 8 + len(rows) * step - GAP)
    canvas = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.text((MARGIN, MARGIN - 4), title, font=font(16), fill=PANEL)
    for at, (name, some) in enumerate(rows.items()):
        top = MARGIN + LINE + 8 + at * step
        pen.text((MARGIN, top), name, font=font(13), fill=GREY)
        for column, (face, words) in enumerate(some):
            left = MARGIN + column * (CELL + GAP)
            rgb = face if face.shape[-1] == 3 else np.repeat(face.reshape(*face.shape[:2], 1), 3, axis=2)
            picture = Image.fromarray(np.ascontiguousarray(rgb)).resize((CELL, CELL), Image.Resampling.BICUBIC)
            canvas.paste(picture, (left, top + LINE))
            pen.text((left, top + LINE + CELL + 1), words, font=font(11), fill=PANEL)
    return np.asarray(canvas)


def captioned_file(path: Path, rows: Cells, title: str) -> None:
    """Write `draw_captioned` as PNG.

    Raises:
        MienError: the file cannot be written.
    """
    from PIL import Image

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_captioned(rows, title)).save(path, "PNG", optimize=True)
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another --out") from error
