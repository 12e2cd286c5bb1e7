"""A sheet of faces with what the model says under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.drawing import font
from mien.runtime.palette import PANEL, colour_of

if TYPE_CHECKING:
    from PIL import Image

CELL, GAP, TEXT, MARGIN = 112, 14, 15, 24  # pixels
PAPER = (250, 250, 248)
GREY = (110, 116, 124)


@dataclass(frozen=True, slots=True)
class Entry:
    """One face of a sheet: its square picture uint8 (h, w, c), emotion and probability.

    `said` stands under a face without an emotion, what else is said of it in a dozen letters.
    """

    pixels: NDArray[np.uint8]
    emotion: str | None
    confidence: float
    said: str = ""


def draw_sheet(entries: Sequence[Entry], title: str) -> NDArray[np.uint8]:
    """The faces in rows under a title, as uint8 RGB; about three columns for two rows."""
    from PIL import Image, ImageDraw

    columns = max(min(round((1.7 * len(entries)) ** 0.5), 16), 4)
    rows = max(-(-len(entries) // columns), 1)
    head, step_x, step_y = 44, CELL + GAP, CELL + 2 * TEXT + GAP + 8
    size = (2 * MARGIN + columns * step_x - GAP, head + 2 * MARGIN + rows * step_y - GAP)
    canvas = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.text((MARGIN, MARGIN), title, font=font(20), fill=PANEL)
    for i, entry in enumerate(entries):
        x, y = MARGIN + i % columns * step_x, head + MARGIN + i // columns * step_y
        canvas.paste(_enlarged(entry.pixels), (x, y))
        pen.rectangle((x, y + CELL, x + CELL - 1, y + CELL + 3), fill=colour_of(entry.emotion))
        pen.text((x, y + CELL + 8), entry.emotion or entry.said or "no answer", font=font(TEXT), fill=PANEL)
        if entry.emotion is not None:
            share = f"{100 * entry.confidence:.0f} %"
            pen.text((x + CELL, y + CELL + 8), share, font=font(TEXT), fill=GREY, anchor="ra")
    return np.asarray(canvas)


def sheet_file(path: Path, entries: Sequence[Entry], title: str) -> None:
    """Write a sheet as PNG.

    Raises:
        MienError: the file cannot be written.
    """
    from PIL import Image

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_sheet(entries, title)).save(path, "PNG")
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another --sheet") from error


def _enlarged(pixels: NDArray[np.uint8]) -> Image.Image:
    from PIL import Image

    rgb = pixels if pixels.ndim == 3 and pixels.shape[2] == 3 else np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, 2)
    return Image.fromarray(np.ascontiguousarray(rgb)).resize((CELL, CELL), Image.Resampling.BICUBIC)
