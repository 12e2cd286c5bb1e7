"""One picture of AffectNet -> the small face that ESR-9 and OpenDR learn from, under the name that holds its labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.datasets.affectnet import UNSAID
from mien.datasets.decode import size_of
from mien.errors import MienError
from mien.images.crop import fit, square_crops
from mien.images.read import read_image

PER_FOLDER = 500
MADE, KEPT = "made", "kept"
MISSING, UNREADABLE, NO_BOX, OUTSIDE = "missing", "unreadable", "no_box", "box_outside"
QUALITY = 95
"""Of the JPEG files: what OpenCV, and so the published preparation, takes by default."""


class Face(NamedTuple):
    """What is to be made: the picture's path as the release tells it, the new name, and left, top, right, bottom of
    the face in pixels: NaN where the release tells no box, None where the whole picture is the face."""

    path: str
    name: str
    box: tuple[float, float, float, float] | None


class Outcome(NamedTuple):
    """`MADE`, `KEPT` (it stood there, whole), or why there is none; and what more there is to say."""

    word: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Faces of one set.

    Attributes:
        folders: where its pictures may lie, looked through in order.
        target: the folder that the new names start from.
        side: of the new pictures in pixels.
        stretch: bring the box itself to a square, as the published preparation does, and not the square around it.
    """

    folders: tuple[str, ...]
    target: str
    side: int
    stretch: bool
    faces: Sequence[Face]


def face_name(number: int, code: int, valence: float, arousal: float) -> str:
    """`0/0000012s3s653s-120.jpg` for number 12, surprise, 0.6539 and -0.1209: cut off toward zero.

    Args:
        number: from 0; 500 of them stand in a folder.
        code: AffectNet's, 0..10.
        valence, arousal: in -1..1; anything else, NaN too, is written as -2000, what AffectNet says for "not told".
    """
    v, a = (int((x if abs(x) <= 1 else UNSAID) * 1000) for x in (valence, arousal))
    return f"{number // PER_FOLDER}/{number:07d}s{code}s{v}s{a}.jpg"


def make_face(face: Face, batch: Batch) -> Outcome:
    """Make the picture where it is not there yet.

    Raises:
        MienError: a place that cannot be written.
    """
    target = Path(batch.target, face.name)
    if is_whole(target, batch.side):
        return Outcome(KEPT)
    if face.box is not None and not (face.box[2] > face.box[0] and face.box[3] > face.box[1]):
        return Outcome(NO_BOX)  # NaN is no larger than anything
    source = find_picture(face.path, batch.folders)
    if source is None:
        return Outcome(MISSING)
    try:
        image = read_image(source)
    except MienError as error:
        return Outcome(UNREADABLE, str(error).removeprefix(f"{source}: "))
    h, w = image.shape[:2]
    if face.box is not None and not (face.box[0] < w and face.box[1] < h and face.box[2] > 0 and face.box[3] > 0):
        return Outcome(
            OUTSIDE, "the box {:g} {:g} {:g} {:g} has no pixel of a picture of".format(*face.box) + f" {w} x {h}"
        )
    _write(target, _cut(image, face.box, batch.side, stretch=batch.stretch))
    return Outcome(MADE)


def find_picture(path: str, folders: Sequence[str]) -> str | None:
    """Where a picture lies: `1/abc.jpg` below one of the folders, or `abc.jpg` right in it, as OpenDR unpacks them."""
    for folder in folders:
        for name in dict.fromkeys((path, path.rpartition("/")[2])):
            at = os.path.join(folder, name)  # noqa: PTH118  # a Path a file is slow
            if os.path.isfile(at):  # noqa: PTH113
                return at
    return None


def is_whole(path: Path, side: int) -> bool:
    """Whether a JPEG of this size stands there, to its end."""
    try:
        data = path.read_bytes()
        return data.endswith(b"\xff\xd9") and size_of(data) == (side, side)
    except (OSError, MienError):
        return False


def _cut(
    image: NDArray[np.uint8], box: tuple[float, float, float, float] | None, side: int, *, stretch: bool
) -> NDArray[np.uint8]:
    """(h, w, 3) -> (side, side, 3)."""
    if box is None:
        return np.asarray(fit(image[None], side, side, "rgb")[0])
    if not stretch:
        return np.asarray(square_crops(image, np.array([box], np.float32), 1.0, side, side, "rgb")[0])
    import cv2

    left, top, right, bottom = (max(int(edge), 0) for edge in box)
    inside = image[top : max(bottom, top + 1), left : max(right, left + 1)]  # rows by face_y
    way = cv2.INTER_AREA if min(inside.shape[:2]) >= side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(inside, (side, side), interpolation=way), np.uint8)


def _write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """A whole file or none: a name that readers pass over first."""
    import cv2

    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    part = path.with_name(f".{path.name}.part")  # always this, so that a run that goes on writes over a killed one's
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.tobytes())
        part.replace(path)
    except OSError as error:
        raise MienError(
            f"{path}: {error.strerror or error}: make room, or choose a place that can be written"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
