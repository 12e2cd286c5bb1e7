"""Occlusion: a grey square walks over the face, and where the answer falls the model had looked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Said = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""uint8 crops (m, h, w, c) -> (m, k) logits."""


def window(height: int, width: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Height and width of the square, a sixth of the face's, and its steps, half of that: 8 and 4 pixels of 48."""
    size = max(round(height / 6), 1), max(round(width / 6), 1)
    return size, (max(size[0] // 2, 1), max(size[1] // 2, 1))


def starts(length: int, size: int, step: int) -> list[int]:
    """Where the square begins along one side; the last may hang over the edge, so that every pixel is covered."""
    return [step * i for i in range(1 + max(-(-(length - size) // step), 0))]


def covers(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, c) uint8: each face's mean colour, which no face has reason to call an edge."""
    return np.asarray(np.rint(crops.mean(axis=(1, 2))), np.uint8)


def occlusion(said: Said, crops: NDArray[np.uint8], columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """Zeiler and Fergus 2014, section 4.2, with the logit in place of the probability, which near 1 no longer moves.

    Args:
        said: what the model answers.
        crops: uint8 (n, h, w, c).
        columns: (n,) the logit to watch of each face.

    Returns:
        (n, h, w): by how much the logit falls when a pixel is covered, the mean over the squares that cover it.
    """
    n, height, width = crops.shape[:3]
    (tall, wide), (down, across) = window(height, width)
    index = np.arange(n)
    before = said(crops)[index, columns]
    total = np.zeros((n, height, width), np.float64)
    count = np.zeros((height, width))
    grey = covers(crops)[:, None, None, :]
    for y in starts(height, tall, down):
        for x in starts(width, wide, across):
            hidden = crops.copy()
            hidden[:, y : y + tall, x : x + wide] = grey
            fall = before - said(hidden)[index, columns]
            total[:, y : y + tall, x : x + wide] += fall[:, None, None]
            count[y : y + tall, x : x + wide] += 1
    return (total / count).astype(np.float32)
