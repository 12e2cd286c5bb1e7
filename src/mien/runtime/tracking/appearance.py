"""How a face looks, as a vector: enough to tell the few people of one video apart, and no more than that.

Nets for expressions are trained to overlook who somebody is: two people who smile lie close in their embedding.
A coarse colour patch of the head tells people of one video apart better, the two together best; `docs/video.md` has
the measurement. Clothes, hair and light weigh in it: it is good for minutes, not for knowing anybody again.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.images.crop import square_crops

REACH = 1.4
"""Side of the patch, in heights of the face's box: hair and a little of the neck belong to it."""
CELLS = 6
SPREAD = 0.5
"""Standard deviation of the weights around the patch's centre, in half sides: the background weighs little."""
SKIN = (140.0, 145.0)
"""Where faces lie on OpenCV's a and b axes of Lab, taken off so that what differs between people is left."""
CONTRAST = 20.0
"""Standard deviation that each patch's lightness is brought to: light in the room changes, people do not."""
EMBEDDING = 0.3
"""Weight of the model's embedding beside the patch."""
DECIMALS = 4
"""Vectors are rounded, so that a run that goes on from a file goes on with the very same numbers."""


HALF = CELLS * CELLS // 2 * 3
"""Numbers of a half of the patch."""
HALF_ONLY = 0.1
"""What is added to a distance that only one half of the head agrees on."""


def patches(image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 216): Lab colours of 6 x 6 cells around each face, of the left half, the right half, and both.

    Args:
        image: uint8 RGB (h, w, 3).
        boxes: (n, 4) left top right bottom in pixels.
    """
    crops = square_crops(image, boxes, REACH, 4 * CELLS, 4 * CELLS, "rgb")
    y, x = np.mgrid[:CELLS, :CELLS] / (CELLS - 1) * 2 - 1
    weight = np.exp(-(x**2 + y**2) / (2 * SPREAD**2))
    out = np.zeros((len(boxes), 4 * HALF), np.float32)
    for row, crop in enumerate(crops):
        lab = cv2.cvtColor(cv2.resize(crop, (CELLS, CELLS), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
        half = CELLS // 2
        parts = [_cells(lab[:, side], weight[:, side]) for side in (np.s_[:half], np.s_[half:], np.s_[:])]
        out[row] = np.concatenate(parts)
    return out


def _cells(lab: NDArray[np.uint8], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cells (h, w, 3) as one vector; lightness is told against the mean of these cells."""
    weight = weight / weight.sum()
    values = lab.astype(np.float64)
    light = values[..., 0] - (values[..., 0] * weight).sum()
    values[..., 0] = light / max(np.sqrt((light**2 * weight).sum()), 1.0) * CONTRAST
    values[..., 1:] -= SKIN
    return np.asarray((values * np.sqrt(weight)[..., None]).ravel(), np.float64)


def looks(patch: NDArray[np.float32], embedding: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, d) of patches and the model's embeddings (n, k): left half, right half, and all with the embedding, each
    part of length 1."""
    whole = np.concatenate([_unit(patch[:, 2 * HALF :]), EMBEDDING * _unit(embedding)], axis=1)
    return evened(np.concatenate([patch[:, : 2 * HALF], whole], axis=1).astype(np.float64))


def evened(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Looks (n, d) whose parts are brought to length 1 each, and rounded."""
    return np.round(np.concatenate([_unit(part) for part in _parts(vectors)], axis=1), DECIMALS)


def distances(tracks: NDArray[np.float64], faces: NDArray[np.float64], *, halves: bool = True) -> NDArray[np.float64]:
    """(t, n) distances of looks (t, d) and (n, d): 0 alike, 1 unrelated, 2 opposite.

    The cosine distance of all, or, with `halves` and where somebody is half hidden, of the half that agrees better,
    and HALF_ONLY more.
    """
    left, right, whole = (1 - a @ b.T for a, b in zip(_parts(tracks), _parts(faces), strict=True))
    return np.asarray(np.minimum(whole, np.minimum(left, right) + HALF_ONLY) if halves else whole, np.float64)


def _parts(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    return vectors[:, :HALF], vectors[:, HALF : 2 * HALF], vectors[:, 2 * HALF :]


def _unit(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Rows of length 1; a row of zeros stays one."""
    length = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float64)
