"""A face's box over time: smoothed, and predicted with constant velocity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLACE, SPEED, SIZE = 0.8, 0.3, 0.3
"""Shares of what a new box says about place, velocity and size; the rest is what was believed before."""
FADING = 0.5
"""Seconds over which velocity is believed while nobody is seen: a hidden person may stop or turn."""


@dataclass
class Motion:
    """Centre and size in pixels, velocity in pixels a second, and when the box was last seen, in seconds."""

    x: float
    y: float
    width: float
    height: float
    time: float
    vx: float = 0.0
    vy: float = 0.0
    times_seen: int = 1

    @classmethod
    def of(cls, box: NDArray[np.float32], time: float) -> Motion:
        """A motion that begins with a box (4,), left top right bottom in pixels."""
        left, top, right, bottom = map(float, box)
        return cls((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, time)

    def centre(self, time: float) -> tuple[float, float]:
        """Where the centre is expected to be."""
        gap = max(time - self.time, 0.0)
        ahead = FADING * (1 - float(np.exp(-gap / FADING)))
        return self.x + self.vx * ahead, self.y + self.vy * ahead

    def update(self, box: NDArray[np.float32], time: float) -> None:
        """Take in a box that was seen; an alpha-beta filter."""
        seen = Motion.of(box, time)
        gap = max(time - self.time, 1e-3)
        x, y = self.centre(time)
        if self.times_seen == 1:
            self.vx, self.vy = (seen.x - self.x) / gap, (seen.y - self.y) / gap
        else:
            share = min(SPEED * max(gap / 0.04, 1.0), 1.0)  # after a gap the old velocity says little
            self.vx += share * ((seen.x - self.x) / gap - self.vx)
            self.vy += share * ((seen.y - self.y) / gap - self.vy)
        self.x, self.y = x + PLACE * (seen.x - x), y + PLACE * (seen.y - y)
        self.width += SIZE * (seen.width - self.width)
        self.height += SIZE * (seen.height - self.height)
        self.time = time
        self.times_seen += 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
