"""What tells of a face's picture that it is too poor to be read: how sharp it is, and how large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WEIGHTS = np.array([0.299, 0.587, 0.114])
"""Of red, green and blue in a grey value, as cameras weigh them (ITU-R BT.601)."""


def sharpness(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, h, w, c) crops -> (n,) variance of their Laplacian over the variance of their grey values, at least 0.

    The variance of the Laplacian is the usual measure of focus (Pech-Pacheco et al. 2000); over that of the grey
    values it does not change with brightness and contrast. Crops have the model's size whatever the face's was,
    so that a small face blown up counts as blurred, and a threshold belongs to the model that it was found for.
    0 for a crop of one grey.
    """
    grey = crops.astype(np.float64) @ WEIGHTS if crops.shape[-1] == 3 else crops[..., 0].astype(np.float64)
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    edges = (around - 4 * inner).var(axis=(1, 2))
    contrast = grey.var(axis=(1, 2))
    return np.asarray(np.where(contrast > 0, edges / np.where(contrast > 0, contrast, 1), 0.0))


def face_size(boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, 4) boxes, left top right bottom in pixels -> (n,) the shorter side in pixels, NaN without a box."""
    return np.asarray(np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]), np.float64)
