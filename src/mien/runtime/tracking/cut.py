"""Scene cuts: frames whose colours and whose layout are both unlike those of the frame before.

A moving camera changes the layout and keeps the colours; a flash changes the colours and keeps the layout; a cut
changes both. Black and white frames are passed over: what follows is compared with what was before them. Slow
dissolves are not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

COLOURS = 0.3
"""Least distance of two frames' colour histograms (Hellinger, 0..1) at a cut."""
LAYOUT = 0.8
"""Largest correlation of two frames' small grey copies at a cut."""
BLANK = 6.0
"""Standard deviation of grey levels below which a frame shows nothing."""
_WIDE = (64, 36)
_SMALL = (32, 18)

_Measured: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64]]"


FLASH = 3
"""Frames that a flash may last: when the picture from before is back by then, nothing was cut."""


class Cuts:
    """Says frame by frame, in order, whether another scene begins with it."""

    def __init__(self) -> None:
        self._last: _Measured | None = None
        self._before: _Measured | None = None  # the last frame of the scene before
        self._since = 0  # frames since the last cut, itself counted

    def look(self, image: NDArray[np.uint8]) -> Literal["same", "cut", "back"]:
        """What a frame, uint8 RGB (h, w, 3), is: of the same scene, the first of another, or, a flash after which
        the scene before the last cut goes on. The first frame is of the same scene."""
        now = measures(image)
        self._since += 1
        if now is None:
            return "same"
        last, self._last = self._last, now
        if last is None or not differ(last, now):
            return "same"
        if self._before is not None and self._since <= FLASH and not differ(self._before, now):
            self._before = None
            return "back"
        self._before, self._since = last, 0
        return "cut"

    def state(self) -> dict[str, Any]:
        """All of it, for JSON."""
        last, before = (None if m is None else [part.tolist() for part in m] for m in (self._last, self._before))
        return {"last": last, "before": before, "since": self._since}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`."""
        self._last, self._before = (
            None if said is None else (np.array(said[0], np.float64), np.array(said[1], np.float64))
            for said in (state["last"], state["before"])
        )
        self._since = int(state["since"])


def measures(image: NDArray[np.uint8]) -> _Measured | None:
    """Square roots of a colour histogram's shares (48,), and a grey copy (576,) of mean 0 and deviation 1; None for
    a frame that shows nothing. Rounded, so that a run that goes on from a file decides alike."""
    step = max(min(image.shape[0] // (2 * _WIDE[1]), image.shape[1] // (2 * _WIDE[0])), 1)
    small = cv2.resize(np.ascontiguousarray(image[::step, ::step]), _WIDE, interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    tint = cv2.calcHist([hsv], [0, 1], None, [8, 4], [0, 180, 0, 256]).ravel()
    value = cv2.calcHist([hsv], [2], None, [16], [0, 256]).ravel()
    shares = np.concatenate([tint, value]).astype(np.float64) / (2 * small.shape[0] * small.shape[1])
    grey = cv2.resize(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), _SMALL, interpolation=cv2.INTER_AREA).astype(np.float64)
    spread = float(grey.std())
    if spread < BLANK:
        return None
    return np.round(np.sqrt(shares), 4), np.round((grey.ravel() - grey.mean()) / spread, 3)


def differ(before: _Measured, after: _Measured) -> bool:
    """Whether two frames show two scenes."""
    apart, alike = compared(before, after)
    return apart >= COLOURS and alike <= LAYOUT


def compared(before: _Measured, after: _Measured) -> tuple[float, float]:
    """Hellinger distance of the colours, 0..1, and correlation of the layouts, -1..1."""
    alike = float((before[0] * after[0]).sum())
    return float(np.sqrt(max(1 - alike, 0.0))), float((before[1] * after[1]).mean())
