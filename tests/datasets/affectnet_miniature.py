"""A miniature of AffectNet's releases in their true layouts; where the face is, its quadrants have four colours."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLUMNS = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
MARKS = ";".join(f"{i}.5;{i}.25" for i in range(68))
BOX = (90, 20, 30, 60)  # x, y, width, height: taller than wide, and far from the diagonal
QUADRANTS = ((200, 40, 40), (40, 200, 40), (40, 40, 200), (220, 220, 220))  # top left, top right, bottom ...
AROUND = (10, 10, 10)


class Row(NamedTuple):
    """A row of one of the tables, as text is written there."""

    path: str
    expression: object = 1
    valence: object = 0.25
    arousal: object = -0.5
    box: tuple[object, object, object, object] = BOX

    def line(self) -> str:
        return ",".join(map(str, (self.path, *self.box, MARKS, self.expression, self.valence, self.arousal)))


def table(path: Path, rows: Iterable[Row]) -> Path:
    """One of the tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([COLUMNS, *(row.line() for row in rows)]) + "\n")
    return path


def portrait(path: Path, height: int = 140, width: int = 160) -> None:
    """A picture with the square of side 60 around the middle of `BOX` in four colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((height, width, 3), AROUND, np.uint8)
    for place, colour in enumerate(QUADRANTS):
        top, left = 20 + 30 * (place // 2), 75 + 30 * (place % 2)
        picture[top : top + 30, left : left + 30] = colour
    Image.fromarray(picture).save(path, quality=95)


def quadrants(path: Path) -> list[NDArray[np.uint8]]:
    """The colours in the middles of a picture's quadrants."""
    pixels = np.asarray(Image.open(path))
    h, w = (side // 4 for side in pixels.shape[:2])
    return [pixels[y, x] for y in (h, 3 * h) for x in (w, 3 * w)]


def shows_the_face(path: Path) -> bool:
    """Whether a picture's quadrants are those of the face."""
    return bool(np.abs(np.array(quadrants(path), np.int64) - np.array(QUADRANTS)).max() < 12)


def raw_release(root: Path) -> Path:
    """Tables and pictures of the first release: eleven rows of all codes, two for validation, one by machine."""
    affect = [(0.1 * code - 0.5, 0.3333) for code in range(9)] + [(-2, -2)] * 2
    training = [Row(f"{code % 2}/a{code}.jpg", code, *affect[code]) for code in range(11)]
    tables = {
        "training.csv": training,
        "validation.csv": [Row("2/v0.png", 7, -0.653, 0.653), Row("2/v1.jpg", 0, 0.0009, -0.0009)],
        "automatically_annotated.csv": [Row("7/m0.jpg", 6)],
    }
    for name, rows in tables.items():
        table(root / name, rows)
        folder = "Automatically_Annotated_Images" if "auto" in name else "Manually_Annotated_Images"
        for row in rows:
            portrait(root / folder / row.path)
    return root


def later_release(root: Path, faces: Iterable[tuple[str, int, str, str, str]]) -> Path:
    """`(train_set, 12, exp, val, aro)` each, as text; an empty one has no file."""
    for folder, number, *texts in faces:
        annotations = root / folder / "annotations"
        annotations.mkdir(parents=True, exist_ok=True)
        (root / folder / "images").mkdir(exist_ok=True)
        picture = np.repeat(np.repeat(np.array(QUADRANTS, np.uint8).reshape(2, 2, 3), 112, 0), 112, 1)
        Image.fromarray(picture).save(root / folder / "images" / f"{number}.jpg", quality=95)
        for what, text in zip(("exp", "val", "aro"), texts, strict=True):
            if text:
                np.save(annotations / f"{number}_{what}.npy", np.array(text))
    return root


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
