"""Faces as data URIs, small enough for hundreds of them on a page."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.evaluate.pixels import BOX_FACTOR
from mien.images.crop import fit, square_crops
from mien.images.read import read_image

SIDE = 96
"""Pixels at most; smaller faces keep their size."""
_SMALL = 64  # up to this side PNG, which keeps every pixel, above it JPEG


def portraits(faces: FaceSet, rows: Iterable[int]) -> dict[int, str]:
    """Row -> data URI of its face.

    Raises:
        MienError: a picture that cannot be read, naming its file.
    """
    return {row: data_uri(_face(faces, row)) for row in sorted(set(rows))}


def data_uri(face: NDArray[np.uint8]) -> str:
    """uint8 (h, w) grey, (h, w, 1) or (h, w, 3) RGB as `data:image/...`."""
    import cv2

    picture = face[..., ::-1] if face.ndim == 3 and face.shape[2] == 3 else face  # cv2 writes BGR
    small = max(face.shape[:2]) <= _SMALL
    kind, options = ("png", [cv2.IMWRITE_PNG_COMPRESSION, 9]) if small else ("jpeg", [cv2.IMWRITE_JPEG_QUALITY, 85])
    _, data = cv2.imencode(f".{kind}", np.ascontiguousarray(picture), options)
    return f"data:image/{kind};base64,{base64.b64encode(np.asarray(data).tobytes()).decode()}"


def _face(faces: FaceSet, row: int) -> NDArray[np.uint8]:
    if faces.pixels is not None:
        pixels = faces.pixels[row]
        side = min(SIDE, *pixels.shape[:2])
        return np.asarray(fit(pixels[None], side, side, "grey" if pixels.ndim == 2 else "rgb")[0], np.uint8)
    assert faces.paths is not None  # a FaceSet holds either pixels or paths
    image = read_image(str(faces.paths[row]))
    side = min(SIDE, *image.shape[:2])
    if faces.box is not None and np.isfinite(faces.box[row]).all():
        return np.asarray(square_crops(image, faces.box[row : row + 1], BOX_FACTOR, SIDE, SIDE, "rgb")[0], np.uint8)
    return np.asarray(fit(image[None], side, side, "rgb")[0], np.uint8)
