"""No detector: the picture is the face, as in FER2013 and other sets of cropped faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.detect.registry import Detector, Options, detector
from mien.faces import Faces
from mien.labels import EMOTIONS


@detector("none", "the picture is the face")
def make(options: Options) -> Detector:
    return whole


def whole(image: NDArray[np.uint8]) -> Faces:
    """One face: the centred square as wide as the shorter side, so that nothing is stretched or made up."""
    h, w = image.shape[:2]
    side = min(h, w)
    left, top = (w - side) / 2, (h - side) / 2
    return Faces(
        input="",
        boxes=np.array([[left, top, left + side, top + side]], np.float32),
        scores=np.ones(1, np.float32),
        emotion=np.full((1, len(EMOTIONS)), np.nan, np.float32),
        source=("whole",),
        size=(h, w),
    )
