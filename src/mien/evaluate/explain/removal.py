"""Deletion and insertion: does the answer go with the pixels that a map calls important, and come with them?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.runtime.heat_map import enlarged

STEPS = 24
BLUR = 0.1
"""Deviation of the Gaussian that makes the blurred face, over the face's side."""
ORDERS = 3
"""Shuffled maps whose mean the map is held against."""
Values = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""uint8 crops (n, h, w, c) -> (n,) what the model says of the target, the same faces in the same order."""


class Removal(NamedTuple):
    """(n,) areas under the curves of the target's value over the share of pixels, 0..1."""

    deletion: NDArray[np.float64]  # lower is better
    insertion: NDArray[np.float64]  # higher is better


def removal(values: Values, crops: NDArray[np.uint8], maps: NDArray[np.float32], steps: int = STEPS) -> Removal:
    """Petsiuk et al. 2018, section 3.2; what is removed, and what is not yet there, is the blurred face.

    A blurred face stays near what the model knows; the paper has grey in its place for deletion.

    Args:
        values: what the model says.
        crops: uint8 (n, h, w, c).
        maps: (n, h', w'), enlarged here; pixels go and come from the highest down.
        steps: in which all pixels go.
    """
    n, height, width = crops.shape[:3]
    order = np.argsort(-enlarged(maps, height, width).reshape(n, -1), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(height * width)[None].repeat(n, 0), axis=1)
    rank = rank.reshape(n, height, width, 1)
    blurred = blur(crops)
    gone, come = [], []
    for step in range(steps + 1):
        first = rank < step / steps * height * width
        gone.append(values(np.where(first, blurred, crops)))
        come.append(values(np.where(first, crops, blurred)))
    return Removal(_area(gone), _area(come))


def shuffled(values: Values, crops: NDArray[np.uint8], maps: NDArray[np.float32], seed: int = 0) -> Removal:
    """The same of maps whose cells were shuffled, as fine as the map itself: the mean of a few orders."""
    random, found = np.random.default_rng(seed), []
    for _ in range(ORDERS):
        mixed = random.permuted(maps.reshape(len(maps), -1), axis=1).reshape(maps.shape)
        found.append(removal(values, crops, mixed))
    return Removal(*(np.mean(part, axis=0) for part in zip(*found, strict=True)))


def blur(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, h, w, c) uint8 so soft that a face is hardly more than light and dark; edges repeat."""
    import cv2

    side = min(crops.shape[1:3])
    soft = [cv2.GaussianBlur(one, (0, 0), BLUR * side, borderType=cv2.BORDER_REPLICATE) for one in crops]
    return np.asarray(soft, np.uint8).reshape(crops.shape)


def _area(values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """By the trapezoid rule, (n,)."""
    curve = np.stack(values)
    return np.asarray((curve[1:] + curve[:-1]).mean(axis=0) / 2)
