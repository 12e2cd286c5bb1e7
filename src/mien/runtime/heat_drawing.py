"""Heat maps over faces: the face, the heat laid over it, and in words what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.drawing import font
from mien.runtime.heat_map import enlarged
from mien.runtime.palette import PANEL
from mien.runtime.sheet import GREY, PAPER

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIDE = 224
"""Pixels of a face on a drawing."""
GAP, MARGIN, LINE = 12, 16, 20
STRONGEST = 0.8
"""How much of the face the hottest place hides."""
NOTHING = "nothing speaks for it"


@dataclass(frozen=True, slots=True)
class Row:
    """One face of a sheet.

    Attributes:
        face: uint8 RGB (SIDE, SIDE, 3).
        words: under the face, e.g. its label; may be empty.
        maps: one (h, w) a column, what is above 0 speaks for the target.
        captions: under each map, e.g. "happiness 98 %".
    """

    face: NDArray[np.uint8]
    words: str
    maps: Sequence[NDArray[np.float32]]
    captions: Sequence[str]

    def only(self, column: int) -> Row:
        """The face with one of its maps."""
        return Row(self.face, self.words, self.maps[column : column + 1], self.captions[column : column + 1])


def overlay(face: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The face in grey under its heat map, scaled to its own hottest place; what is below 0 is not drawn.

    Colours are OpenCV's inferno, whose lightness grows evenly; cold places show the face as it is.

    Args:
        face: uint8 RGB (h, w, 3).
        heat: (h', w') in any unit.

    Returns:
        uint8 RGB (h, w, 3).
    """
    import cv2

    height, width = face.shape[:2]
    large = np.maximum(enlarged(heat[None], height, width)[0], 0)
    top = float(large.max())
    share = large / top if top > 0 else large
    colour = cv2.applyColorMap(np.rint(255 * share).astype(np.uint8), cv2.COLORMAP_INFERNO)[:, :, ::-1]
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[:, :, None].astype(np.float32)
    alpha = STRONGEST * np.sqrt(share)[:, :, None]
    return np.asarray(np.rint(grey * (1 - alpha) + colour * alpha), np.uint8)


def draw_rows(rows: Sequence[Row], columns: Sequence[str], title: str = "") -> NDArray[np.uint8]:
    """Faces below each other, each with its maps to the right; `columns` name the maps. uint8 RGB."""
    from PIL import Image, ImageDraw

    head, step = (LINE + 6 if title else 0) + LINE, SIDE + LINE + GAP
    width = 2 * MARGIN + (len(columns) + 1) * (SIDE + GAP) - GAP
    canvas = Image.new("RGB", (width, head + 2 * MARGIN + len(rows) * step - GAP), PAPER)
    pen = ImageDraw.Draw(canvas)
    if title:
        pen.text((MARGIN, MARGIN - 4), _fitting(pen, title, width - 2 * MARGIN, 16), font=font(16), fill=PANEL)
    for k, name in enumerate(columns):
        _label(pen, k + 1, MARGIN + head - LINE, name, GREY)
    for i, row in enumerate(rows):
        top = MARGIN + head + i * step
        _cell(canvas, 0, top, row.face)
        _label(pen, 0, top + SIDE + 2, row.words, PANEL)
        for k, (heat, words) in enumerate(zip(row.maps, row.captions, strict=True)):
            _cell(canvas, k + 1, top, overlay(row.face, heat))
            if not (heat > 0).any():
                words = f"{words}: {NOTHING}"
            _label(pen, k + 1, top + SIDE + 2, words, PANEL)
    return np.asarray(canvas)


def rows_file(path: Path, rows: Sequence[Row], columns: Sequence[str], title: str = "") -> None:
    """Write `draw_rows` as PNG.

    Raises:
        MienError: the file cannot be written.
    """
    from PIL import Image

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_rows(rows, columns, title)).save(path, "PNG", optimize=True)
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another --out") from error


def caption(name: str, value: float, signed: bool) -> str:
    """`happiness 98 %`, or of valence and arousal `valence +0.31`; `amount_caption` is of intensities."""
    return f"{name} {value:+.2f}" if signed else f"{name} {100 * value:.0f} %"


def amount_caption(name: str, value: float) -> str:
    """`AU12 3.1 of 5`."""
    return f"{name} {value:.1f} of 5"


def _cell(canvas: Image.Image, column: int, top: int, pixels: NDArray[np.uint8]) -> None:
    from PIL import Image

    canvas.paste(Image.fromarray(np.ascontiguousarray(pixels)), (MARGIN + column * (SIDE + GAP), top))


def _label(pen: ImageDraw.ImageDraw, column: int, top: int, words: str, colour: tuple[int, int, int]) -> None:
    at = (MARGIN + column * (SIDE + GAP), top)
    pen.text(at, _fitting(pen, words, SIDE, 14), font=font(14), fill=colour)


def _fitting(pen: ImageDraw.ImageDraw, words: str, room: int, size: int) -> str:
    """The words, cut where they would run into the next column."""
    if pen.textlength(words, font(size)) <= room:
        return words
    while words and pen.textlength(words + "…", font(size)) > room:
        words = words[:-1]
    return words + "…"
