"""Pictures that show nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.audit.finding import Finding

WITHIN = 4
"""Grey values, of 256, around the commonest one that count as the same."""
SHARE = 0.9
"""Of the pixels that lie within them, from which on a picture shows nothing.

Set by eye on FER2013: from 0.9 on all pictures are black, grey, or a corner of a placeholder on black; the first face
stands at 0.72, a woodcut-like one on white.
"""


def flatness(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, h, w) grey -> (n,) the share of pixels within WITHIN grey values of the picture's commonest one, 0..1."""
    out = np.empty(len(thumbnails))
    for row, picture in enumerate(thumbnails):
        counts = np.bincount(picture.ravel(), minlength=256)
        commonest = int(counts.argmax())
        out[row] = counts[max(commonest - WITHIN, 0) : commonest + WITHIN + 1].sum() / picture.size
    return out


def blank_findings(thumbnails: NDArray[np.uint8], labels: NDArray[np.int64]) -> list[Finding]:
    """`blank`, the score being the share of pixels of one grey."""
    share = flatness(thumbnails)
    return [
        Finding("blank", row, float(share[row]), label=int(labels[row]))
        for row in np.flatnonzero(share >= SHARE).tolist()
    ]
