"""Sheets of one face's expressions: emotions by strengths, and the whole space with the emotions in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.runtime.drawing import font
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace
from mien.runtime.palette import PANEL, colour_of
from mien.runtime.sheet import GREY, PAPER

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image, ImageDraw

    At = Callable[[float, float], tuple[float, float]]

CELL, GAP, MARGIN, TEXT = 128, 6, 24, 16  # pixels
NAMES = 96
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
STEPS = 9
"""Faces along each axis of a drawn space."""
SMOOTH = 2
"""Lines are drawn this many times larger and averaged down, since Pillow draws jagged edges."""


def grid_codes(space: ExpressionSpace, strengths: Sequence[float] = STRENGTHS) -> tuple[list[str], NDArray[np.float32]]:
    """The emotions of a grid's rows, neutral left out, and their codes (rows, strengths, d)."""
    names = [name for name in space.emotions if name != NEUTRAL]
    return names, np.stack([[space.code(name, strength) for strength in strengths] for name in names])


def draw_grid(
    faces: Sequence[Sequence[NDArray[np.uint8]]], names: Sequence[str], strengths: Sequence[float], title: str
) -> NDArray[np.uint8]:
    """Faces in a row an emotion and a column a strength, labelled; uint8 RGB.

    Args:
        faces: uint8 (h, w, 1 or 3), square, by row and column.
        names: of the rows.
        strengths: of the columns, 0..1.
    """
    from PIL import Image, ImageDraw

    head, step = 44 + TEXT + 8, CELL + GAP
    size = (2 * MARGIN + NAMES + len(strengths) * step - GAP, MARGIN + head + len(names) * step - GAP + MARGIN)
    canvas = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.text((MARGIN, MARGIN), title, font=font(20), fill=PANEL)
    for column, strength in enumerate(strengths):
        x = MARGIN + NAMES + column * step
        pen.text((x + CELL / 2, MARGIN + 44 + TEXT), f"{strength:g}", font=font(TEXT), fill=GREY, anchor="mb")
    for row, name in enumerate(names):
        y = MARGIN + head + row * step
        pen.rectangle((MARGIN, y, MARGIN + 3, y + CELL - 1), fill=colour_of(name))
        pen.text((MARGIN + 12, y + CELL / 2), name, font=font(TEXT), fill=PANEL, anchor="lm")
        for column, face in enumerate(faces[row]):
            canvas.paste(_sized(face, CELL), (MARGIN + NAMES + column * step, y))
    return np.asarray(canvas)


def space_codes(space: ExpressionSpace, steps: int = STEPS) -> NDArray[np.float32]:
    """Codes (n, d) of an even net of points over a space: of a linear one those in the unit disc.

    A third coordinate is neutral's: a picture is flat.
    """
    axis = np.linspace(-1, 1, steps, dtype=np.float32)
    points = np.stack([v.ravel() for v in np.meshgrid(axis, axis)], axis=1)
    if space.kind == "linear":
        points = points[np.linalg.norm(points, axis=1) <= 1 + 1e-6]
    rest = np.broadcast_to(space.neutral[2:], (len(points), space.dims - 2))
    return np.concatenate([points, rest], axis=1).astype(np.float32)


def draw_space(
    faces: NDArray[np.uint8], codes: NDArray[np.float32], space: ExpressionSpace, title: str
) -> NDArray[np.uint8]:
    """Faces where their codes lie, with the emotions' names, as uint8 RGB; x goes to the right, y upwards.

    A linear space shows each emotion's axis from the origin, a Gaussian one its ellipse of one standard deviation.

    Args:
        faces: uint8 (n, h, w, 1 or 3), as `space_codes` asks for them.
        codes: (n, d).
    """
    from PIL import Image, ImageDraw

    cell = 80
    width = cell * (STEPS - 1) + 2 * cell
    top = MARGIN + 44
    canvas = Image.new("RGB", (width + 2 * MARGIN, top + width + MARGIN), PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.text((MARGIN, MARGIN), title, font=font(20), fill=PANEL)
    middle, scale = (MARGIN + width / 2, top + width / 2), cell * (STEPS - 1) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return middle[0] + scale * x, middle[1] - scale * y

    side = cell - 6
    for face, code in zip(faces, codes, strict=True):
        x, y = at(float(code[0]), float(code[1]))
        canvas.paste(_sized(face, side), (round(x - side / 2), round(y - side / 2)))
    _lines(canvas, space, at)
    pen = ImageDraw.Draw(canvas)
    for name, place in zip(space.emotions, space.places, strict=True):
        _label(pen, name, at(float(place[0]), float(place[1])), canvas.width)
    return np.asarray(canvas)


def _lines(canvas: Image.Image, space: ExpressionSpace, at: At) -> None:
    """Axes or ellipses, smooth, over the faces."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGBA", (canvas.width * SMOOTH, canvas.height * SMOOTH))
    pen = ImageDraw.Draw(sheet)

    def big(x: float, y: float) -> tuple[float, float]:
        point = at(x, y)
        return point[0] * SMOOTH, point[1] * SMOOTH

    for i, (name, place) in enumerate(zip(space.emotions, space.places, strict=True)):
        colour = (*colour_of(name), 235)
        if space.covariances is None:
            pen.line([big(0, 0), big(float(place[0]), float(place[1]))], fill=colour, width=3 * SMOOTH)
        else:
            outline = ellipse(place[:2], space.covariances[i, :2, :2])
            points = [big(float(x), float(y)) for x, y in outline]
            pen.line([*points, points[0]], fill=colour, width=3 * SMOOTH, joint="curve")
        x, y = big(float(place[0]), float(place[1]))
        r = 5 * SMOOTH
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    patch = sheet.reduce(SMOOTH)
    canvas.paste(patch.convert("RGB"), (0, 0), patch.getchannel("A"))


def ellipse(place: NDArray[np.float32], covariance: NDArray[np.float32], n: int = 72) -> NDArray[np.float64]:
    """Points (n, 2) one standard deviation away from a place; a covariance that is none is drawn by its sizes."""
    values, vectors = np.linalg.eigh(covariance.astype(np.float64))
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    points: NDArray[np.float64] = (vectors @ (np.sqrt(np.abs(values))[:, None] * circle)).T + place
    return points


def _label(pen: ImageDraw.ImageDraw, name: str, point: tuple[float, float], width: int) -> None:
    """A name beside its place, on a dark plate that keeps it legible on any face."""
    face = font(14)
    half = pen.textlength(name, font=face) / 2 + 6
    x, y = min(max(point[0], half + 2), width - half - 2), point[1] - 20
    pen.rounded_rectangle((x - half, y - 10, x + half, y + 10), 6, fill=PANEL)
    pen.text((x, y), name, font=face, fill=colour_of(name), anchor="mm")


def _sized(face: NDArray[np.uint8], side: int) -> Image.Image:
    from PIL import Image

    rgb = face if face.ndim == 3 and face.shape[2] == 3 else np.repeat(face.reshape(*face.shape[:2], 1), 3, 2)
    return Image.fromarray(np.ascontiguousarray(rgb)).resize((side, side), Image.Resampling.BICUBIC)
