"""Some faces of each class, drawn by a seed, and what they look like on average."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def draw_rows(labels: NDArray[np.int64], classes: NDArray[np.int64], most: int, seed: int) -> list[NDArray[np.int64]]:
    """Up to `most` rows of each class, in ascending order.

    Args:
        labels: (n,) class of each row.
        classes: (k,) the classes to draw from.
        most: 1 or more.
        seed: 0 or more; a class's draw does not depend on the other classes.
    """
    out = []
    for label in classes:
        rows = np.flatnonzero(labels == label)
        rng = np.random.default_rng((seed, int(label)))
        out.append(rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False)))
    return out


def mean_of(batches: Iterable[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """(h, w, c) mean in 0..1 of pictures that come in batches of (m, h, w, c) uint8.

    Raises:
        ValueError: no pictures.
    """
    total: NDArray[np.int64] | None = None
    n = 0
    for batch in batches:
        part = batch.sum(axis=0, dtype=np.int64)
        total = part if total is None else total + part
        n += len(batch)
    if total is None or n == 0:
        raise ValueError("no pictures to average")
    return np.asarray(total / (255 * n))
