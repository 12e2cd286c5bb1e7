"""Where on a face an action unit can be seen to act: our approximation, for a frontal face that fills a square.

The boxes were drawn by hand, by the muscle that FACS (Ekman, Friesen and Hager 2002) names for each unit, onto the
mean face of FER2013, whose square is the one that models here look at: eyes at 0.37 of the height, brows at 0.28, the
tip of the nose at 0.6, the mouth at 0.77. They are not landmarks: a turned, tilted or loosely cut face is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.labels import action_unit
from mien.runtime.heat_map import enlarged

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in shares of the square's side, from its left upper corner."""


def _both(left: float, top: float, right: float, bottom: float) -> tuple[Box, ...]:
    """A box on the picture's left half and its mirror image."""
    return (left, top, right, bottom), (round(1 - right, 4), top, round(1 - left, 4), bottom)


_EYES, _LIPS, _CORNERS = _both(0.14, 0.29, 0.46, 0.48), ((0.30, 0.66, 0.70, 0.90),), _both(0.18, 0.60, 0.44, 0.88)
_JAW: tuple[Box, ...] = ((0.26, 0.64, 0.74, 1.0),)

_BY_NUMBER: Mapping[int, tuple[Box, ...]] = {
    1: ((0.32, 0.10, 0.68, 0.36),),  # inner brows and the forehead over them
    2: _both(0.08, 0.10, 0.40, 0.36),  # outer brows and the forehead over them
    4: ((0.14, 0.18, 0.86, 0.38),),  # both brows and between them
    5: _both(0.14, 0.26, 0.46, 0.42),  # upper lids
    6: _both(0.06, 0.34, 0.42, 0.60),  # cheeks and outer corners of the eyes
    7: _EYES,
    9: ((0.34, 0.30, 0.66, 0.66),),  # root and sides of the nose
    10: ((0.30, 0.52, 0.70, 0.78),),  # upper lip and the folds beside the nose
    11: _both(0.24, 0.50, 0.44, 0.74),  # middle of the fold between nose and mouth
    12: _both(0.16, 0.54, 0.44, 0.86),  # corners of the mouth and the cheeks that they push up
    13: _both(0.18, 0.54, 0.44, 0.82),
    14: _CORNERS,
    15: _both(0.20, 0.66, 0.46, 0.94),  # corners of the mouth and under them
    16: ((0.30, 0.72, 0.70, 0.94),),  # lower lip
    17: ((0.30, 0.74, 0.70, 1.0),),  # chin and lower lip
    18: _LIPS,
    20: _both(0.16, 0.64, 0.46, 0.92),  # corners of the mouth, drawn aside
    22: _LIPS,
    23: _LIPS,
    24: _LIPS,
    25: ((0.28, 0.66, 0.72, 0.94),),  # both lips and the gap
    26: _JAW,
    27: _JAW,
    28: _LIPS,
    43: _EYES,
    45: _EYES,
}

REGIONS: Mapping[str, tuple[Box, ...]] = MappingProxyType({action_unit(n): boxes for n, boxes in _BY_NUMBER.items()})
"""Unit -> its boxes; movements of the head have none."""


def region_mask(unit: str, height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) whether a pixel's centre lies in the region of a unit.

    Raises:
        KeyError: a unit without a region.
    """
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    out = np.zeros((height, width), np.bool_)
    for left, top, right, bottom in REGIONS[unit]:
        out |= ((y > top) & (y < bottom))[:, None] & ((x > left) & (x < right))[None]
    return out


def region_share(maps: NDArray[np.float32], unit: str, side: int = 224) -> NDArray[np.float64]:
    """Share of each map's heat that lies in the region of a unit.

    Heat is what is above 0 once the map is enlarged, as it is drawn. Compare it with `region_area`: heat that is
    spread evenly has that share.

    Args:
        maps: (n, h, w), as fine or coarse as they are.
        side: pixels to which they are enlarged.

    Returns:
        (n,) in 0..1; NaN for a map without anything above 0.

    Raises:
        KeyError: a unit without a region.
    """
    heat = np.maximum(enlarged(maps, side, side).astype(np.float64), 0)
    total, inside = heat.sum(axis=(1, 2)), heat[:, region_mask(unit, side, side)].sum(axis=1)
    return np.asarray(np.divide(inside, total, out=np.full(len(maps), np.nan), where=total > 0))


def region_area(unit: str, side: int = 224) -> float:
    """Share of the square that the region of a unit takes.

    Raises:
        KeyError: a unit without a region.
    """
    return float(region_mask(unit, side, side).mean())


def outlined(face: NDArray[np.uint8], unit: str) -> NDArray[np.uint8]:
    """A copy of a face, uint8 RGB (h, w, 3), with the edge of the unit's region drawn on it.

    Raises:
        KeyError: a unit without a region.
    """
    import cv2

    out = np.ascontiguousarray(face).copy()
    outlines, _ = cv2.findContours(
        region_mask(unit, *face.shape[:2]).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    cv2.drawContours(out, outlines, -1, (20, 20, 20), 3, cv2.LINE_AA)
    cv2.drawContours(out, outlines, -1, (110, 220, 255), 1, cv2.LINE_AA)
    return np.asarray(out, np.uint8)
