"""How often the right class stands among the first k."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.inputs import checked_labels


def hits(targets: NDArray[Any], scores: NDArray[Any], k: int = 1) -> NDArray[np.bool_]:
    """(n,) whether each row's class is among its k highest scores.

    Args:
        targets: (n,) classes 0..c-1.
        scores: (n, c) probabilities or any other scores, higher is likelier. Of equal scores the class of
            the lower number comes first, as in `argmax`, so that k = 1 is the prediction.
        k: at least 1.

    Raises:
        ValueError: shapes that do not fit, scores that are NaN, k below 1.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or np.isnan(scores).any():
        raise ValueError(f"scores: shape {scores.shape}, expected (n, c) without NaN")
    labels = checked_labels(targets, scores.shape[1])
    if len(labels) != len(scores) or k < 1:
        raise ValueError(f"{len(labels)} labels for {len(scores)} rows of scores, k = {k}")
    own = np.take_along_axis(scores, labels[:, None], axis=1)
    earlier = np.arange(scores.shape[1]) < labels[:, None]
    rank = (scores > own).sum(axis=1) + ((scores == own) & earlier).sum(axis=1)
    return np.asarray(rank < k)


def top_k(targets: NDArray[Any], scores: NDArray[Any], k: int = 1) -> float:
    """Percentage of rows whose class is among the k highest scores; arguments as for `hits`."""
    return 100 * float(hits(targets, scores, k).mean())
