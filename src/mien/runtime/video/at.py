"""Single frames of a video by their numbers, such as those at the peaks of a curve."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.runtime.video.frames import read_frames


def frames_at(path: str | os.PathLike[str], numbers: Sequence[int]) -> dict[int, NDArray[np.uint8]]:
    """The frames of these numbers, as `read_frames` counts them; damaged ones and those beyond the end are left out.

    The video is decoded from its start up to the highest number, since only counting tells a number's frame in a
    video of variable frame rate; nothing but these frames is turned into RGB.

    Returns:
        number -> uint8 RGB (h, w, 3).

    Raises:
        MienError: no video, or one that cannot be read.
    """
    asked = set(map(int, numbers))
    found: dict[int, NDArray[np.uint8]] = {}
    if not asked:
        return found
    highest = max(asked)
    frames = read_frames(path, wanted=lambda number: number in asked or number >= highest)
    for frame in frames:
        if frame.image is not None and frame.number in asked:
            found[frame.number] = frame.image
        if frame.number >= highest:
            break
    frames.close()
    return found
