"""An edited face put back into its photograph, without a seam and without the photograph's own detail being lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

WAYS = ("change", "paste")
FEATHER = 0.15
"""Share of a square's side over which an edit fades towards each edge."""
STILL, MOVED = 4.0, 20.0
"""Grey levels of change below which the photograph keeps its fine texture, and above which none of it is left."""


def blend(image: Pixels, square: tuple[int, int, int], crop: Pixels, before: Pixels, after: Pixels, way: str) -> Pixels:
    """A copy of a photograph with one face changed.

    `change` adds what the generator changed, `after - before`, to the photograph: its errors in redrawing a face
    stand in both and cancel, and texture that is finer than the generator's pixels stays where the face does not
    move. Where it does, the old mouth's texture would shine through the new mouth, and goes. `paste` lays the
    enlarged edit itself over the face. A grey generator changes lightness alone.

    Args:
        image: uint8 RGB (h, w, 3); not changed.
        square: left, top and side in pixels, as `images.crop.squares` gives it; may reach over the picture's edge.
        crop: uint8 (gh, gw, c), what the generator saw of the square, c being 1 or 3.
        before: the same face as the generator draws it unchanged.
        after: the edit.
        way: one of WAYS.

    Returns:
        uint8 RGB (h, w, 3). Pixels outside the square, and along its edge, are those of `image`.

    Raises:
        MienError: another way.
    """
    if way not in WAYS:
        raise MienError(f"unknown way {way!r} to put a face back: {' or '.join(WAYS)}")
    left, top, side = square
    h, w = image.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, w), min(top + side, h)
    out = image.copy()
    if x0 >= x1 or y0 >= y1:
        return out
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    old = image[y0:y1, x0:x1].astype(np.float32)
    seen = old if crop.shape[2] == 3 else lightness(old)
    detail = seen - _to_side(crop.astype(np.float32), side)[inside]
    if way == "change":
        moved = after.astype(np.float32) - before
        kept = 1 - _to_side(_how_much(moved), side)[inside]
        added = _to_side(moved, side)[inside] - (1 - kept) * detail
    else:
        added = _to_side(after.astype(np.float32) - crop, side)[inside] - detail
    new = _with(old, seen, feather(side)[inside][..., None] * added)
    out[y0:y1, x0:x1] = np.clip(np.rint(new), 0, 255).astype(np.uint8)
    return out


def _with(old: Floats, seen: Floats, added: Floats) -> Floats:
    """RGB with something added, of one channel to its lightness `seen`: lighter is paler, as teeth are, and darker
    is the same hue in shade."""
    if added.shape[2] == 3:
        return old + added
    shade = np.clip((seen + added) / np.maximum(seen, 1), 0, 1)
    return np.where(added < 0, old * shade, old + added)


def feather(side: int) -> Floats:
    """Weights (side, side) of an edit: 0 along the edge, 1 inside, a smooth step between."""
    away = np.minimum(np.arange(side), np.arange(side)[::-1]).astype(np.float32)
    t = np.clip(away / max(FEATHER * side, 1), 0, 1)
    ramp = t * t * (3 - 2 * t)
    return np.asarray(ramp[:, None] * ramp[None], np.float32)


def lightness(rgb: Floats) -> Floats:
    """Rec. 601 luma (h, w, 1), what grey crops are made of."""
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)[..., None]


def _how_much(moved: Floats) -> Floats:
    """0..1 (h, w, 1): how far a pixel's neighbourhood has changed."""
    import cv2

    size = np.abs(moved).max(axis=2)
    spread = cv2.GaussianBlur(cv2.dilate(size, np.ones((3, 3), np.uint8)), (0, 0), 1.0)
    return np.asarray(np.clip((spread - STILL) / (MOVED - STILL), 0, 1), np.float32)[..., None]


def _to_side(pixels: Floats, side: int) -> Floats:
    """(h, w, c) -> (side, side, c), smooth where enlarged."""
    import cv2

    h, w = pixels.shape[:2]
    way = cv2.INTER_AREA if side < h or side < w else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=way), np.float32).reshape(side, side, -1)
