"""Rows of the table as faces to draw, and the ids of their tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.runtime.drawing import OPACITY, font, font_size
from mien.runtime.palette import INK, PANEL
from mien.runtime.placing import Box, Size

BOX = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight")


def faces_of_rows(rows: Sequence[Mapping[str, Any]]) -> Faces:
    """The faces of one frame's rows; rows without a box are passed over. Cells may be numbers or their text."""
    kept = [(row, box) for row in rows if None not in (box := [_number(row.get(name)) for name in BOX])]
    if not kept:
        return Faces("")
    corners = [(left, over, left + max(width, 0), over + max(height, 0)) for _, (left, over, width, height) in kept]
    emotion = [[_number(row.get(name), np.nan) for name in EMOTIONS] for row, _ in kept]
    return Faces(
        str(kept[0][0].get("input", "")),
        np.asarray(corners, np.float32),
        np.asarray([_number(row.get("FaceScore"), 1.0) for row, _ in kept], np.float32),
        np.clip(np.asarray(emotion, np.float32), 0, 1),
        track=np.asarray([int(_number(row.get("track"), -1)) for row, _ in kept], np.int64),
        abstain=np.asarray([_number(row.get("abstain"), 0) == 1 for row, _ in kept]),
    )


def with_ids(image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
    """A copy of a drawn frame, uint8 RGB (h, w, 3), with each track's number in its box's upper left corner."""
    from PIL import Image, ImageDraw

    canvas = Image.fromarray(image)
    page = Size(*canvas.size)
    pen = ImageDraw.Draw(canvas, "RGBA")
    for box, number in zip(faces.boxes.tolist(), faces.track.tolist() if faces.track is not None else [], strict=True):
        if number < 0:
            continue
        size = font_size(Box(*box), page)
        face = font(size)
        left, top = max(box[0], 0) + 0.3 * size, max(box[1], 0) + 0.3 * size
        width = pen.textlength(str(number), font=face)
        pen.rounded_rectangle((left, top, left + width + 0.8 * size, top + 1.3 * size), 0.35 * size, (*PANEL, OPACITY))
        pen.text((left + 0.4 * size, top + 0.65 * size), str(number), font=face, fill=(*INK, 255), anchor="lm")
    return np.asarray(canvas)


def _number(value: Any, empty: Any = None) -> Any:
    """A cell's number, or `empty`."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return empty
    return empty if number != number else number
