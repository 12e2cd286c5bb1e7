"""Where the head is and how it is turned: the map between the canvas and the face's own plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Column, Draws

LARGEST_SCALE = 1.2
"""No head is drawn larger: windows are cut for this one."""


@dataclass(frozen=True, slots=True)
class Pose:
    """n poses. Canvas coordinates run from -1 to 1 over the picture's width and height, y down.

    A point (u, v) of the face that stands `depth` before its middle plane lies on the canvas at
    centre + scale * roll * ((u + depth * yaw) * shrink_u, (v + depth * pitch) * shrink_v).
    `yaw` and `pitch` are tangents; `shrink` is the foreshortening that goes with them.
    """

    x: Column
    y: Column
    scale: Column
    cos: Column
    sin: Column
    yaw: Column
    pitch: Column
    shrink_u: Column
    shrink_v: Column

    def to_canvas(self, u: Column, v: Column) -> tuple[Column, Column]:
        """Face plane -> canvas."""
        a, b = u * self.shrink_u * self.scale, v * self.shrink_v * self.scale
        return self.x + a * self.cos - b * self.sin, self.y + a * self.sin + b * self.cos

    def to_face(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
        """Canvas -> face plane; x (n, 1, w) and y (n, h, 1) give (n, h, w)."""
        ku, kv = 1 / (self.scale * self.shrink_u), 1 / (self.scale * self.shrink_v)
        dx, dy = x - self.x, y - self.y
        return dx * (self.cos * ku) + dy * (self.sin * ku), dy * (self.cos * kv) - dx * (self.sin * kv)


def poses(seed: int, rows: NDArray[np.int64], difficulty: float) -> Pose:
    """The poses of these rows; at difficulty 0 nearly frontal and centred."""
    draws = Draws(seed, "pose", rows)
    d = difficulty
    half = np.clip(draws.bell(0.02 + 0.04 * d), -0.3, 0.3)  # tangent of half the roll: at most 33 degrees
    over = 1 / (1 + half * half)
    yaw = np.clip(draws.bell(0.05 + 0.10 * d), -0.6, 0.6)
    pitch = np.clip(draws.bell(0.04 + 0.07 * d), -0.35, 0.35)
    return Pose(
        x=draws.bell(0.01 + 0.035 * d),
        y=draws.bell(0.01 + 0.035 * d),
        scale=np.clip(1.04 + draws.bell(0.01 + 0.04 * d), 0.7, LARGEST_SCALE).astype(np.float32),
        cos=(1 - half * half) * over,
        sin=2 * half * over,
        yaw=yaw,
        pitch=pitch,
        shrink_u=1 / np.sqrt(1 + yaw * yaw),
        shrink_v=1 / np.sqrt(1 + pitch * pitch),
    )
