"""One picture of 1000 x 667 pixels with five faces, composed from the example portraits: always the same pixels.

from five_faces import five_faces; picture = five_faces()     # uint8 RGB (667, 1000, 3)
python benchmarks/five_faces.py [five_faces.jpg]              # saves it
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

WIDTH, HEIGHT = 1000, 667
BACKGROUND = (96, 112, 128)


class Head(NamedTuple):
    """A piece of a portrait and where it goes, in pixels."""

    portrait: str
    face: tuple[int, int, int, int]  # left, top, width, height of the face in the portrait
    height: int  # of the face in the composed picture
    centre: tuple[int, int]  # of the face in the composed picture
    mirrored: bool = False


COLLINS, OBAMA, BIDEN = (178, 62, 89, 113), (239, 59, 150, 205), (259, 100, 165, 246)
HEADS = (
    Head("eileen-collins.jpg", COLLINS, 170, (200, 210)),
    Head("barack-obama.jpg", OBAMA, 140, (500, 190)),
    Head("joe-biden.jpg", BIDEN, 200, (810, 230)),
    Head("barack-obama.jpg", OBAMA, 76, (350, 520), mirrored=True),
    Head("eileen-collins.jpg", COLLINS, 96, (640, 500), mirrored=True),
)
MARGIN = 0.35  # of the face's height, kept round it


def _piece(head: Head) -> Image.Image:
    left, top, width, height = head.face
    margin = round(MARGIN * height)
    with Image.open(str(files("mien") / "examples" / head.portrait)) as portrait:
        box = (left - margin, max(0, top - margin), left + width + margin, top + height + margin)
        piece = portrait.convert("RGB").crop(box)
    scale = head.height / height
    piece = piece.resize((round(piece.width * scale), round(piece.height * scale)), Image.Resampling.LANCZOS)
    return ImageOps.mirror(piece) if head.mirrored else piece


def five_faces() -> NDArray[np.uint8]:
    """(667, 1000, 3) uint8 RGB with five faces of 76 to 200 pixels in height."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    for head in HEADS:
        piece = _piece(head)
        canvas.paste(piece, (head.centre[0] - piece.width // 2, head.centre[1] - piece.height // 2))
    return np.asarray(canvas)


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "five_faces.jpg"
    Image.fromarray(five_faces()).save(target, quality=92)
    print(target)
