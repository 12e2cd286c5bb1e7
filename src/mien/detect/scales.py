"""Looking for faces in shrunk copies of a picture: a fine one for small faces, a coarse one for large."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mien.faces import Faces
from mien.labels import EMOTIONS

OVERLAP = 0.3
"""Of two boxes that share more than this (intersection over union), the one with the lower score goes."""
COARSE = 3
"""How many times smaller the coarse copy is. These networks stop seeing a face as one beyond some 350 px."""
SMALLEST, LARGEST = 640, 1280


class Found(NamedTuple):
    """n candidates in one copy, in its pixels."""

    boxes: NDArray[np.float32]  # (n, 4) left top right bottom
    scores: NDArray[np.float32]  # (n,) in 0..1
    landmarks: NDArray[np.float32] | None = None  # (n, k, 2)


Find: TypeAlias = "Callable[[NDArray[np.uint8]], Found]"


def at_scales(image: NDArray[np.uint8], find: Find, size: int | None) -> Faces:
    """The faces that `find` sees in a fine and a coarse copy of a picture, boxes in pixels of the picture.

    Args:
        image: uint8 RGB (h, w, 3).
        find: looks at one copy.
        size: longest side of the fine copy in pixels; None takes half the picture's, within 640..1280.
            Pictures are never enlarged.
    """
    longest = max(image.shape[:2])
    if size is None:
        size = min(max(longest // 2, SMALLEST), LARGEST)
    fine = shrink(image, size)
    copies = [fine]
    if max(fine.shape[:2]) > size // COARSE > 0:
        copies.append(shrink(fine, size // COARSE))
    parts = [_scaled(find(copy), copy, image) for copy in copies]
    boxes = np.concatenate([part.boxes for part in parts]).reshape(-1, 4)
    scores = np.concatenate([part.scores for part in parts])
    points = [part.landmarks for part in parts if part.landmarks is not None]
    keep = suppress(boxes, scores)
    return Faces(
        input="",
        boxes=boxes[keep],
        scores=scores[keep].clip(0, 1),
        emotion=np.full((len(keep), len(EMOTIONS)), np.nan, np.float32),
        landmarks=np.concatenate(points)[keep] if len(points) == len(parts) else None,
        size=(image.shape[0], image.shape[1]),
    )


def shrink(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A copy whose longest side is `size`; the picture itself where that is no shorter.

    Whole steps by area averaging, the rest, less than half, bilinear: a sixth of the time that OpenCV's area
    filter takes for a broken factor, and no more aliasing than a detector bears.
    """
    h, w = image.shape[:2]
    factor = size / max(h, w)
    if factor >= 1:
        return image
    import cv2

    to = (max(round(w * factor), 1), max(round(h * factor), 1))
    step = min(int(1 / factor), h, w)
    if step > 1:
        whole = image[: h // step * step, : w // step * step]
        image = np.asarray(cv2.resize(whole, (w // step, h // step), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(image, to, interpolation=cv2.INTER_LINEAR), np.uint8)


def suppress(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Positions of the boxes that no better one overlaps by more than OVERLAP, best first."""
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while len(order):
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        inner = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        shared = inner.clip(0).prod(axis=1)
        order = rest[shared <= OVERLAP * (area[best] + area[rest] - shared)]
    return np.asarray(kept, np.int64)


def _scaled(found: Found, copy: NDArray[np.uint8], image: NDArray[np.uint8]) -> Found:
    # the two factors differ by the rounding of the copy's sides
    factor = np.array([image.shape[1] / copy.shape[1], image.shape[0] / copy.shape[0]], np.float32)
    points = None if found.landmarks is None else found.landmarks * factor
    return Found(found.boxes.reshape(-1, 4) * np.tile(factor, 2), found.scores, points)
