"""Annotated copies: a rounded box around each face and a panel of what is said of it beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.faces import Faces
from mien.images.kind import kind_of
from mien.runtime.face_lines import Line, panels
from mien.runtime.palette import FAINT, INK, PANEL, colour_of
from mien.runtime.placing import Box, Size, place

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

SMOOTH = 3
"""Each box and panel is drawn this many times larger and averaged down, since Pillow draws jagged edges."""
OPACITY = 222
LEAST_BAR = 0.005
"""A share that rounds to 0 % gets no bar."""
TRACK = (62, 67, 74)
MARGIN = 0.1  # of a face's width, around other faces: ears and hair
ROW, PAD = 1.42, 0.6  # of the font's size
NAME, BAR, SHARE = 5.9, 4.6, 2.5  # widths of a panel's three columns, of the font's size


def annotate(image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
    """A copy of a picture with its faces marked.

    Each panel lists as much as fits without covering a face or another panel: emotions with valence, arousal and the
    units shown, all emotions, three, or one; a model without emotions has the others alone. The box of a face for
    which the model declines to name an emotion, or names none, is grey.

    Args:
        image: uint8 RGB (h, w, 3), the picture that was analysed.
        faces: what was found in it.

    Returns:
        uint8 RGB of the same size.
    """
    from PIL import Image

    canvas = Image.fromarray(image)
    page = Size(*canvas.size)
    boxes = [Box(*box) for box in faces.boxes.tolist()]
    drawn: list[Box] = []
    # small faces have the fewest places to choose from
    for i in sorted(range(len(boxes)), key=lambda i: boxes[i].bottom - boxes[i].top):
        face = boxes[i]
        size = font_size(face, page)
        declined = faces.abstain is not None and bool(faces.abstain[i])
        _mark(canvas, face, colour_of(None if declined else faces.top[i]), size)
        lists = panels(faces, i)
        if not lists:
            continue
        others = [*map(_with_margin, boxes[:i] + boxes[i + 1 :]), *drawn]
        at, panel = place(face, [_panel_size(rows, size) for rows in lists], others, page, 0.5 * size)
        _panel(canvas, panel, lists[at], size)
        drawn.append(panel)
    return np.asarray(canvas)


def annotated_file(target: Path, source: bytes, image: NDArray[np.uint8], faces: Faces) -> Path:
    """Write an annotated copy: a JPEG of a JPEG, a PNG of anything else. Returns the path written.

    Raises:
        MienError: the file cannot be written.
    """
    from PIL import Image

    jpeg = kind_of(source) == "JPEG"
    suffixes = (".jpg", ".jpeg", ".jpe", ".jfif") if jpeg else (".png",)
    if target.suffix.lower() not in suffixes:
        target = target.with_name(target.name + suffixes[0])
    options = {"quality": 95, "subsampling": 0} if jpeg else {"compress_level": 3}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(annotate(image, faces)).save(target, "JPEG" if jpeg else "PNG", **options)
    except OSError as error:
        raise MienError(f"{target}: cannot be written ({error.strerror or error}); choose another folder") from error
    return target


def font_size(face: Box, page: Size) -> int:
    """Pixels: in proportion to the face, legible where it is small, modest where it fills the picture."""
    largest = max(0.035 * max(page), 11)
    return round(min(max(0.085 * (face.bottom - face.top), 11, 0.011 * max(page)), largest))


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow, at a size in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _with_margin(face: Box) -> Box:
    away = MARGIN * (face.right - face.left)
    return Box(face.left - away, face.top - away, face.right + away, face.bottom + away)


def _panel_size(rows: list[Line], size: int) -> Size:
    """A single row has no bar: name and share say it all."""
    width = NAME + SHARE + (BAR if len(rows) > 1 else 0)
    return Size(round((width + 2 * PAD) * size), round((len(rows) * ROW + (1 if len(rows) > 1 else 0.3) * PAD) * size))


def _mark(canvas: Image.Image, face: Box, colour: tuple[int, int, int], size: int) -> None:
    line = max(0.16 * size, 1.5)
    radius = 0.14 * min(face.right - face.left, face.bottom - face.top)
    outer = Box(face.left - line, face.top - line, face.right + line, face.bottom + line)

    def draw(pen: ImageDraw.ImageDraw, scale: int, box: tuple[float, float, float, float]) -> None:
        x0, y0, x1, y1 = box
        dark = 0.5 * line * scale  # a faint dark rim keeps the line visible on light skin and walls
        pen.rounded_rectangle(box, radius * scale + dark, outline=(*PANEL, 110), width=round(2 * dark + line * scale))
        inner = (x0 + dark, y0 + dark, x1 - dark, y1 - dark)
        pen.rounded_rectangle(inner, radius * scale, outline=(*colour, 255), width=max(round(line * scale), 1))

    _overlay(canvas, outer, draw)


def _panel(canvas: Image.Image, panel: Box, rows: list[Line], size: int) -> None:
    def draw(pen: ImageDraw.ImageDraw, scale: int, box: tuple[float, float, float, float]) -> None:
        em = size * scale
        face = font(em)
        x0, y0, x1, y1 = box
        pen.rounded_rectangle(box, 0.45 * em, fill=(*PANEL, OPACITY))
        if len(rows) == 1:
            pen.rounded_rectangle((x0, y0, x0 + 0.28 * em, y1), 0.14 * em, fill=(*rows[0].colour, 255))
        start = (y0 + y1 - len(rows) * ROW * em) / 2
        for i, (name, said, share, colour) in enumerate(rows):
            middle = start + (i + 0.5) * ROW * em
            ink = FAINT if i else INK
            pen.text((x0 + PAD * em, middle), name, font=face, fill=(*ink, 255), anchor="lm")
            pen.text((x1 - PAD * em, middle), said, font=face, fill=(*ink, 255), anchor="rm")
            if len(rows) > 1 and share is not None:
                left, half = x0 + (PAD + NAME) * em, 0.24 * em
                track = (left, middle - half, left + BAR * em, middle + half)
                pen.rounded_rectangle(track, half, fill=(*TRACK, OPACITY))
                if share >= LEAST_BAR:
                    filled = (left, middle - half, left + max(share * BAR * em, 2 * half), middle + half)
                    pen.rounded_rectangle(filled, half, fill=(*colour, 255))

    _overlay(canvas, panel, draw)


def _overlay(
    canvas: Image.Image,
    box: Box,
    draw: Callable[[ImageDraw.ImageDraw, int, tuple[float, float, float, float]], None],
) -> None:
    """Draw `box` enlarged on a clear sheet, average it down and lay it on the picture; only what is inside."""
    from PIL import Image, ImageDraw

    left, top = int(np.floor(box.left)), int(np.floor(box.top))
    width, height = int(np.ceil(box.right)) - left + 1, int(np.ceil(box.bottom)) - top + 1
    # a box as large as a big picture is smooth enough at a lower factor, and three times is a lot of memory
    scale = SMOOTH if width * height < 4_000_000 else 1
    sheet = Image.new("RGBA", (width * scale, height * scale))
    inside = tuple((v - o) * scale for v, o in zip(box, (left, top, left, top), strict=True))
    draw(ImageDraw.Draw(sheet), scale, (inside[0], inside[1], inside[2], inside[3]))
    patch = sheet.reduce(scale) if scale > 1 else sheet
    canvas.paste(patch.convert("RGB"), (left, top), patch.getchannel("A"))
