"""Boxes carried from one frame to the next by the movement of the pixels in them, where no detector looks.

Sparse Lucas-Kanade flow (Bouguet 2001) forward and back, as the median flow of Kalal et al. 2010, "Forward-backward
error": points that do not come back to where they started are dropped, the median of the others moves the box, and
the median change of their distances scales it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 640
"""Longest side in pixels of the copy that points are followed in."""
POINTS = 40
ENOUGH = 8
"""Points that must come back for a box to be believed."""
BACK = 1.5
"""Pixels of the copy within which a point must come back to its start."""
INNER = 0.1
"""Share of the box left out on each side, where the background begins."""
STEP = (0.8, 1.25)
"""A face does not shrink or grow by more than this between two frames."""


def copy_of(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The small grey copy (h', w') of a picture (h, w, 3) that `carried` works on."""
    factor = SIDE / max(image.shape[:2])
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if factor >= 1:
        return np.asarray(grey, np.uint8)
    size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def carried(
    before: NDArray[np.uint8], after: NDArray[np.uint8], boxes: NDArray[np.float32], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where boxes of one frame are in the next, and (n,) which of them could be followed.

    Args:
        before, after: `copy_of` the two frames.
        boxes: (n, 4) left top right bottom, in pixels of the frame.
        size: (height, width) of the frame.
    """
    factor = before.shape[1] / size[1]
    out, held = boxes.copy(), np.zeros(len(boxes), np.bool_)
    if before.shape != after.shape:
        return out, held
    for row, box in enumerate(boxes):
        moved = _moved(before, after, box.astype(np.float64) * factor)
        if moved is not None:
            centre = (moved[:2] + moved[2:]) / 2 / factor
            inside = 0 <= centre[0] < size[1] and 0 <= centre[1] < size[0]
            out[row], held[row] = moved / factor, inside
    return out, held


def _moved(before: NDArray[np.uint8], after: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A box (4,) in the next copy, or None where it is lost."""
    points = _points(before, box)
    if points is None:
        return None
    window: dict[str, Any] = {"winSize": (15, 15), "maxLevel": 2}
    follow: Any = cv2.calcOpticalFlowPyrLK  # its stubs know no call without a first guess
    there, found, _ = follow(before, after, points, None, **window)
    back, returned, _ = follow(after, before, there, None, **window)
    error = np.linalg.norm((points - back).reshape(-1, 2), axis=1)
    good = (found.ravel() == 1) & (returned.ravel() == 1) & (error <= BACK)
    if good.sum() < ENOUGH:
        return None
    a, b = points.reshape(-1, 2)[good].astype(np.float64), there.reshape(-1, 2)[good].astype(np.float64)
    i, j = np.triu_indices(len(a), 1)
    apart = np.linalg.norm(a[i] - a[j], axis=1)
    far = apart > 2
    grown = float(np.median(np.linalg.norm(b[i] - b[j], axis=1)[far] / apart[far])) if far.any() else 1.0
    if not STEP[0] <= grown <= STEP[1]:
        return None
    middle = (box[:2] + box[2:]) / 2
    # the points' own middle is what was measured; the box's hangs on it
    anchor = np.median(a, axis=0)
    centre = anchor + np.median(b - a, axis=0) + grown * (middle - anchor)
    half = (box[2:] - box[:2]) / 2 * grown
    return np.concatenate([centre - half, centre + half])


def _points(grey: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """(m, 1, 2) corners inside a box, or None where there are too few."""
    inner = INNER * (box[2:] - box[:2])
    left, top = np.maximum(box[:2] + inner, 0).astype(int)
    right, bottom = np.ceil(box[2:] - inner).astype(int)
    part = grey[top:bottom, left:right]
    if min(part.shape) < 8:
        return None
    found: Any = cv2.goodFeaturesToTrack(part, POINTS, 0.01, max(min(part.shape) / 16, 2))
    if found is None or len(found) < ENOUGH:
        return None
    return np.asarray(found + np.array([left, top], np.float32), np.float32)
