"""Heat maps from a feature map: CAM, Grad-CAM and Grad-CAM++ as closed forms in numpy, whoever found the gradients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
POOLINGS = ("avg", "max", "concat")
"""How a map may become an embedding: its mean (n, c), its maximum (n, c), or the two side by side (n, 2 c)."""
_TINY = 1e-12


def pooled(feature_map: Floats, pooling: str) -> Floats:
    """(n, c, h, w) -> (n, c), or (n, 2 c) of "concat": the means, then the maxima."""
    mean, most = feature_map.mean(axis=(2, 3)), feature_map.max(axis=(2, 3))
    return {"avg": mean, "max": most}[pooling] if pooling != "concat" else np.concatenate([mean, most], axis=1)


def cam(feature_map: Floats, weights: Floats, pooling: str = "avg") -> Floats:
    """Class activation map, Zhou et al. 2016, eq. 2: the sum over channels of weight times activation.

    The paper's network reads the mean. A maximum comes from one cell of its channel, so that the weight counts there
    alone, h w times: the map is sparse, says where the answer was read and not how far a pattern reaches.

    Args:
        feature_map: (n, c, h, w), which a linear head reads once it is pooled.
        weights: (n, c), or (n, 2 c) of "concat": the head's weights for what is asked of each face.
        pooling: one of POOLINGS.

    Returns:
        (n, h, w), signed: whatever the pooling, its mean is the head's output without its bias.
    """
    if pooling == "avg":
        return np.asarray(np.einsum("nc,nchw->nhw", weights, feature_map), np.float32)
    cells = feature_map.shape[2] * feature_map.shape[3]
    # of what is pooled, output = sum of activation times gradient (Euler): both poolings grow with their map
    return np.asarray(cells * (of_linear_head(weights, feature_map, pooling) * feature_map).sum(axis=1), np.float32)


def grad_cam(feature_map: Floats, gradients: Floats) -> Floats:
    """Selvaraju et al. 2017, eq. 1 and 2: channels weighted by their mean gradient, negative sums cut off.

    Args:
        feature_map, gradients: (n, c, h, w), activations and the target's gradient by them.

    Returns:
        (n, h, w), 0 or more.
    """
    return np.maximum(cam(feature_map, gradients.mean(axis=(2, 3))), 0)


def grad_cam_plus_plus(feature_map: Floats, gradients: Floats) -> Floats:
    """Chattopadhay et al. 2018, eq. 10 and 19, for the score exp(target), whose derivatives are powers of the first.

    The factor exp(target), the same for a whole face, is left out.

    Args:
        feature_map, gradients: (n, c, h, w), activations and the target's gradient by them.

    Returns:
        (n, h, w), 0 or more where activations are.
    """
    g = np.asarray(gradients, np.float64)
    total = np.asarray(feature_map, np.float64).sum(axis=(2, 3), keepdims=True)
    # divided by the gradient's square: 1 / (2 + sum(A) g) does not lose itself in tiny numbers
    below = 2 + total * g
    alpha = np.where((g > 0) & (np.abs(below) > _TINY), 1 / np.where(np.abs(below) > _TINY, below, 1), 0)
    weights = (alpha * np.maximum(g, 0)).sum(axis=(2, 3))
    return np.maximum(cam(feature_map, weights.astype(np.float32)), 0)


def of_linear_head(weights: Floats, feature_map: Floats, pooling: str = "avg") -> Floats:
    """Gradients (n, c, h, w) by a map that a linear head reads once it is pooled.

    Of a mean each cell has the weight over h w; of a maximum the cell that holds it has all, equal ones share.

    Args:
        weights, feature_map, pooling: as for `cam`.
    """
    channels, cells = feature_map.shape[1], feature_map.shape[2] * feature_map.shape[3]
    out = np.zeros(feature_map.shape, np.float32)
    if pooling != "max":
        out += (weights[:, :channels] / cells)[:, :, None, None]
    if pooling != "avg":
        top = feature_map == feature_map.max(axis=(2, 3), keepdims=True)
        out += weights[:, -channels:, None, None] * top / top.sum(axis=(2, 3), keepdims=True)
    return out


def enlarged(maps: Floats, height: int, width: int) -> Floats:
    """(n, h, w) -> (n, height, width), bilinear between the cells' centres."""
    import cv2

    out = np.empty((len(maps), height, width), np.float32)
    for i, one in enumerate(maps):
        out[i] = cv2.resize(np.ascontiguousarray(one, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return out


def mass_inside(maps: Floats, boxes: NDArray[np.floating], margin: float = 0) -> NDArray[np.float64]:
    """Share of each map's positive sum that lies in a box.

    Args:
        maps: (n, h, w) at the pictures' size.
        boxes: (n, 4) left top right bottom in pixels, right and bottom exclusive.
        margin: pixels by which each box is widened to all sides.

    Returns:
        (n,) in 0..1; NaN for a map without anything positive.
    """
    positive = np.maximum(np.asarray(maps, np.float64), 0)
    _, height, width = positive.shape
    wider = np.asarray(boxes, np.float64) + np.array([-margin, -margin, margin, margin])
    left, top, right, bottom = wider.T[:, :, None]
    x, y = np.arange(width)[None] + 0.5, np.arange(height)[None] + 0.5
    across, down = (x > left) & (x < right), (y > top) & (y < bottom)
    total = positive.sum(axis=(1, 2))
    inside = np.einsum("nhw,nh,nw->n", positive, down, across)
    return np.asarray(np.divide(inside, total, out=np.full(len(maps), np.nan), where=total > 0))
