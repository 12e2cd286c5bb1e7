"""The contact sheet of docs/synthetic.md: one column an emotion, two rows each at easy, default and hard.

python benchmarks/synthetic_sheet.py [docs/images/synthetic.png]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mien.datasets.synthetic import synthetic
from mien.labels import EMOTIONS

DIFFICULTIES = (0.1, 0.5, 0.9)
ROWS, ZOOM, HEADING, MARGIN = 2, 2, 16, 34


def sheet() -> Image.Image:
    """Grey, `ZOOM` screen pixels to each drawn one; the same rows, and so the same people, at each difficulty."""
    bands = []
    for difficulty in DIFFICULTIES:
        faces = synthetic(100, difficulty=difficulty)
        assert faces.pixels is not None
        emotion = faces.hard("synthetic")
        columns = [faces.pixels[np.flatnonzero(emotion == k)[:ROWS]].reshape(-1, 48) for k in range(8)]
        bands.append(np.concatenate(columns, axis=1))
    drawn = np.concatenate(bands).repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)
    picture = Image.new("L", (MARGIN + drawn.shape[1], HEADING + drawn.shape[0]), 255)
    picture.paste(Image.fromarray(drawn), (MARGIN, HEADING))
    pen = ImageDraw.Draw(picture)
    side = 48 * ZOOM
    for k, name in enumerate(EMOTIONS):
        pen.text((MARGIN + side * k + side // 2, HEADING // 2), name, fill=0, anchor="mm")
    for k, difficulty in enumerate(DIFFICULTIES):
        pen.text((MARGIN // 2, HEADING + side * ROWS * k + side * ROWS // 2), f"{difficulty}", 0, anchor="mm")
    return picture


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/synthetic.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet().save(target, optimize=True)
    print(target)
