"""Faces cut out of pictures and brought to a model's size: the same pixels for training and for inference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.model_spec import COLOURS

Boxes = NDArray[np.float32]


def square_crops(
    image: NDArray[np.uint8], boxes: Boxes, factor: float, height: int, width: int, colour: str
) -> NDArray[np.uint8]:
    """Cut a square around each box: same centre, its side `factor` times the box's height.

    What lies outside the picture repeats its border. Shrinking averages areas, so that fine texture does
    not alias; enlarging is bilinear.

    Args:
        image: uint8 (h, w, 3) RGB or (h, w) grey.
        boxes: (n, 4) left top right bottom in pixels of `image`.
        factor: side of the square over height of the box.
        height, width: of the crops in pixels.
        colour: "grey" or "rgb".

    Returns:
        uint8 (n, height, width, c), c being 1 for grey and 3 for rgb.
    """
    out = np.empty((len(boxes), height, width, COLOURS[colour]), np.uint8)
    for i, square in enumerate(squares(boxes, factor)):
        out[i] = _resized(_in_colour(_cut(image, *square), colour), height, width)
    return out


def squares(boxes: Boxes, factor: float) -> NDArray[np.int64]:
    """(n, 3) left, top and side in whole pixels of the square that is cut around each box."""
    x0, y0, x1, y1 = np.asarray(boxes, np.float64).reshape(-1, 4).T
    side = np.maximum(np.rint(factor * (y1 - y0)), 1)
    left = np.rint((x0 + x1 - side) / 2)
    top = np.rint((y0 + y1 - side) / 2)
    return np.stack([left, top, side], axis=1).astype(np.int64)


def fit(pixels: NDArray[np.uint8], height: int, width: int, colour: str) -> NDArray[np.uint8]:
    """A data set's faces in a model's colour and size; nothing is copied where both agree already.

    A picture of other proportions than height : width is cut to its centre, never stretched.

    Args:
        pixels: uint8 (n, h, w) grey or (n, h, w, 3) RGB.
        height, width: of the result in pixels.
        colour: "grey" or "rgb".

    Returns:
        uint8 (n, height, width, c).
    """
    channels = COLOURS[colour]
    n, h, w = pixels.shape[:3]
    if (h, w) == (height, width) and pixels.ndim == (3 if colour == "grey" else 4):
        return pixels.reshape(n, h, w, channels)
    inner_h, inner_w = min(h, max(round(w * height / width), 1)), min(w, max(round(h * width / height), 1))
    top, left = (h - inner_h) // 2, (w - inner_w) // 2
    out = np.empty((n, height, width, channels), np.uint8)
    for i in range(n):
        out[i] = _resized(_in_colour(pixels[i, top : top + inner_h, left : left + inner_w], colour), height, width)
    return out


def _cut(image: NDArray[np.uint8], left: int, top: int, side: int) -> NDArray[np.uint8]:
    h, w = image.shape[:2]
    right, bottom = left + side, top + side
    # at least one row and column of the picture, also for a box that lies wholly outside it
    x0, y0 = min(max(left, 0), w - 1), min(max(top, 0), h - 1)
    x1, y1 = max(min(right, w), x0 + 1), max(min(bottom, h), y0 + 1)
    inside = image[y0:y1, x0:x1]
    border = (max(y0 - top, 0), max(bottom - y1, 0), max(x0 - left, 0), max(right - x1, 0))
    if not any(border):
        return inside
    import cv2

    padded = np.asarray(cv2.copyMakeBorder(inside, *border, cv2.BORDER_REPLICATE), np.uint8)
    return padded[:side, :side]


def _in_colour(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.uint8]:
    """(h, w) or (h, w, 3) RGB -> (h, w) for grey, (h, w, 3) for rgb."""
    import cv2

    if colour == "grey" and pixels.ndim == 3:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if colour == "rgb" and pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    return pixels


def _resized(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(h, w[, c]) -> (height, width, c)."""
    import cv2

    h, w = pixels.shape[:2]
    if (h, w) != (height, width):
        way = cv2.INTER_AREA if h >= height and w >= width else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=way), np.uint8)
    return pixels.reshape(height, width, -1)
