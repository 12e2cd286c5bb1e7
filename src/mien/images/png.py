"""A picture as PNG, in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_COMPRESSION = 6


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """uint8 (h, w) or (h, w, 1) grey or (h, w, 3) RGB, without loss."""
    import cv2

    plane = picture[..., ::-1] if picture.ndim == 3 and picture.shape[-1] == 3 else picture  # cv2 writes BGR
    done, data = cv2.imencode(".png", np.ascontiguousarray(plane), [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION])
    assert done
    return bytes(data.tobytes())
