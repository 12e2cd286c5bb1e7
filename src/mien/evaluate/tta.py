"""Test-time averaging: several views of each face, one answer, the mean of the views' probabilities.

The scores of such an average are reported beside the plain ones, never instead of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

Crops = NDArray[np.uint8]
Views = Callable[[Crops, int, int, NDArray[np.float64]], Iterator[Crops]]
"""(n, H, W, c) faces, height and width of the model, (n, 2 k) random numbers in 0..1 -> views (n, h, w, c)."""

MARGIN = 12 / 11
"""Side at which a face is cut for ten crops over the model's: 48 pixels for crops of 44, as is usual on FER2013."""
DRAWS, MOST = 8, 100
"""Random views of the Residual Masking Network's saved results, and how many may be asked for."""
ANGLE = 30.0
"""Degrees to either side, as in that network's training."""


@dataclass(frozen=True, slots=True)
class Averaging:
    """One way to average.

    Attributes:
        name: as `--tta` spells it.
        views: how many are averaged.
        make: makes them.
        plain: whether the face as it is counts as one, which `make` then leaves out.
        margin: side at which faces are cut over the side that the model takes.
        draws: random numbers for each face.
    """

    name: str
    views: int
    make: Views
    plain: bool = False
    margin: float = 1.0
    draws: int = 0

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width in pixels at which faces are cut for a model of this size."""
        return round(height * self.margin), round(width * self.margin)

    def random(self, n: int, seed: int) -> NDArray[np.float64]:
        """(n, draws) in 0..1; a face's numbers do not depend on the batch that it falls into."""
        return np.random.default_rng(seed).random((n, self.draws))


def averaging(name: str | bool | None) -> Averaging | None:
    """The way of this name; None for none.

    Args:
        name: "mirror" (also what True means), "ten-crop", "resmasking", or "resmasking:K" with K views.

    Raises:
        MienError: another name, or a number of views that cannot be meant.
    """
    if not name:
        return None
    word, colon, count = ("mirror" if name is True else name).partition(":")
    if word == "resmasking":
        number = (int(count) if count.isdecimal() else 0) if colon else DRAWS
        if not 1 <= number <= MOST:
            raise MienError(f"--tta {name}: {count!r} views; give resmasking:K with K from 1 to {MOST}")
        return Averaging(f"{word}:{number}" if colon else word, number, _turned, draws=2 * number)
    if word in _FIXED and not colon:
        return _FIXED[word]
    raise MienError(f"unknown test-time averaging {name!r}: {', '.join(TTA)}")


def _mirrored(crops: Crops, height: int, width: int, random: NDArray[np.float64]) -> Iterator[Crops]:
    yield np.ascontiguousarray(crops[:, :, ::-1])


def _ten(crops: Crops, height: int, width: int, random: NDArray[np.float64]) -> Iterator[Crops]:
    """Four corners and the centre, then the same of the mirrored face (Krizhevsky et al. 2012, section 4.1)."""
    down, right = crops.shape[1] - height, crops.shape[2] - width
    for pictures in (crops, crops[:, :, ::-1]):
        for top, left in ((0, 0), (0, right), (down, 0), (down, right), (round(down / 2), round(right / 2))):
            yield np.ascontiguousarray(pictures[:, top : top + height, left : left + width])


def _turned(crops: Crops, height: int, width: int, random: NDArray[np.float64]) -> Iterator[Crops]:
    """Draws of the Residual Masking Network's augmentation: mirrored or not, turned by up to 30 degrees, black corners.

    The face as it is need not be among them. Angles are uniform, pixels bilinear, as imgaug's defaults have it.
    """
    import cv2

    middle = ((width - 1) / 2, (height - 1) / 2)
    for flip, turn in zip(random[:, ::2].T, random[:, 1::2].T, strict=True):
        view = np.empty_like(crops)
        for i, crop in enumerate(crops):
            matrix = cv2.getRotationMatrix2D(middle, ANGLE * (2 * turn[i] - 1), 1.0)
            side = crop[:, ::-1] if flip[i] < 0.5 else crop
            turned = cv2.warpAffine(np.ascontiguousarray(side), matrix, (width, height), flags=cv2.INTER_LINEAR)
            view[i] = turned.reshape(crop.shape)
        yield view


_FIXED = {
    "mirror": Averaging("mirror", 2, _mirrored, plain=True),
    "ten-crop": Averaging("ten-crop", 10, _ten, margin=MARGIN),
}
TTA = (*_FIXED, "resmasking", "resmasking:K")
"""What `averaging` knows."""
