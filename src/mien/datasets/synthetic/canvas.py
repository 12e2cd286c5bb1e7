"""What is drawn on: n pictures at once, whole or through small windows that move with the face.

Only sums, products, quotients, square roots and comparisons touch a pixel. IEEE 754 fixes their results to
the last bit, so the stored hash holds on every machine; exponentials, sines and matrix products would not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Column
from mien.datasets.synthetic.pose import LARGEST_SCALE, Pose

Pixels = NDArray[np.floating[Any]]
"""(n, h, w) float32; typed loosely for the reason that `draws.Column` is."""
_GREY = (0.299, 0.587, 0.114)  # of RGB, ITU-R BT.601


class Patch:
    """A part of n pictures, with the face's coordinates of its pixels.

    Attributes:
        planes: one (n, h, w) float32 a channel, in 0..1.
        u, v: (n, h, w) face coordinates relative to the patch's anchor.
        pixel: (n, 1, 1) a pixel's side in face units.
    """

    def __init__(self, planes: list[Pixels], u: Pixels, v: Pixels, pixel: Column) -> None:
        self.planes, self.u, self.v, self.pixel = planes, u, v, pixel
        self._per_unit = 1 / pixel

    def cover(self, inside: Pixels) -> Pixels:
        """How much of each pixel lies inside, from its signed distance to the edge in face units."""
        out = inside * self._per_unit
        out += 0.5
        return np.clip(out, 0, 1, out=out)

    def line(self, offset: Pixels, half_width: Column | float) -> Pixels:
        """How much of each pixel a line covers, `offset` being the distance to its middle."""
        return self.cover(half_width - np.abs(offset))

    def paint(self, alpha: Pixels, colour: list[Column]) -> None:
        """Lay a colour over the patch: one (n, 1, 1) a channel."""
        for plane, value in zip(self.planes, colour, strict=True):
            plane += alpha * (value - plane)

    def darken(self, alpha: Pixels) -> None:
        """Take this share of the light away; negative shares brighten."""
        keep = 1 - alpha
        for plane in self.planes:
            plane *= keep


class Canvas:
    """n square pictures of `size` pixels, one plane (grey) or three (RGB).

    The planes have a margin around the picture, so that windows may hang over its edge.
    """

    def __init__(self, n: int, size: int, pose: Pose, channels: int) -> None:
        self.size, self.pose = size, pose
        self.margin = ceil(size * 0.5)
        self._side = size + 2 * self.margin
        self._full = [np.zeros((n, self._side, self._side), np.float32) for _ in range(channels)]
        m = self.margin
        self.planes = [plane[:, m : m + size, m : m + size] for plane in self._full]
        self.pixel = (2 / size) / pose.scale

    def colour(self, rgb: NDArray[np.float32]) -> list[Column]:
        """(n, 3) RGB in 0..1 -> one (n, 1, 1) a channel."""
        c = rgb.astype(np.float32)[:, :, None, None]
        if len(self.planes) == 3:
            return [c[:, 0], c[:, 1], c[:, 2]]
        return [c[:, 0] * _GREY[0] + c[:, 1] * _GREY[1] + c[:, 2] * _GREY[2]]

    def flat(self, rgb: tuple[float, float, float]) -> list[Column]:
        """The same colour for every face."""
        return self.colour(np.full((len(self.pose.x), 3), rgb, np.float32))

    def grid(self) -> tuple[Pixels, Pixels]:
        """Canvas coordinates of the pixels' centres: x (1, 1, size) and y (1, size, 1)."""
        centres = ((np.arange(self.size, dtype=np.float32) + 0.5) * (2 / self.size) - 1).astype(np.float32)
        return centres[None, None, :], centres[None, :, None]

    def whole(self) -> Patch:
        """The whole picture, anchored at the face's middle."""
        u, v = self.pose.to_face(*self.grid())
        return Patch(self.planes, u, v, self.pixel)

    @contextmanager
    def window(self, u: Column, v: Column, depth: float, half: tuple[float, float]) -> Iterator[Patch]:
        """The surroundings of the face's point (u, v), `depth` before its plane; written back at the end.

        `half` is half the window's width and height in face units. Its size in pixels is the same for
        every face (cut for the largest scale, rolled), so that no face depends on those drawn beside it.
        """
        u = u + depth * self.pose.yaw
        v = v + depth * self.pose.pitch
        x, y = self.pose.to_canvas(u, v)
        grow = LARGEST_SCALE * self.size / 2
        wide = ceil((half[0] + 0.25 * half[1]) * grow)
        high = ceil((half[1] + 0.25 * half[0]) * grow)
        column, row = self._start(x, wide), self._start(y, high)
        columns = column + np.arange(2 * wide)[None, None, :]
        rows = row + np.arange(2 * high)[None, :, None]
        base = np.arange(len(x))[:, None, None] * (self._side * self._side)
        index = base + rows * self._side + columns
        step, shift = 2 / self.size, np.float32(0.5 - self.margin)
        px = (columns.astype(np.float32) + shift) * step - 1
        py = (rows.astype(np.float32) + shift) * step - 1
        pu, pv = self.pose.to_face(px, py)
        patch = Patch([plane.reshape(-1)[index] for plane in self._full], pu - u, pv - v, self.pixel)
        yield patch
        for plane, part in zip(self._full, patch.planes, strict=True):
            plane.reshape(-1)[index] = part

    def _start(self, centre: Column, half: int) -> NDArray[np.int64]:
        at = np.floor((centre + 1) * (self.size / 2) + 0.5).astype(np.int64) + self.margin - half
        start: NDArray[np.int64] = np.clip(at, 0, self._side - 2 * half)
        return start
