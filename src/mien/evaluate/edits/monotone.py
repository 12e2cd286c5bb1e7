"""Whether a stronger expression is seen where a stronger one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.edits.made import LEVELS, Made
from mien.runtime.expression_space import NEUTRAL
from mien.score.intervals import bootstrap

_RESAMPLES = 500  # each ranks all pairs of face and intensity anew

Floats = NDArray[np.float64]


def monotone(made: Made, emotions: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Spearman's rank correlation of the intensity asked for, 0.1 to 1, and the judge's probability of the emotion.

    Neutral has no intensity and is left out. `mean` is over the emotions, each over all pairs of face and intensity;
    `by_face` is the mean over faces of each face's own correlation, which does not suffer from faces that start from
    different heights. A face whose probability never moves counts as 0.

    Returns:
        n pairs an emotion, and faces; correlations with 95 % bootstrap intervals over faces; `curve`: emotion ->
        mean probability at each of `levels`, 0 (the neutral edit) included.
    """
    moving = [at for at, name in enumerate(emotions) if name != NEUTRAL]
    climb = made.ladder[:, moving, 1:]  # (m, k - 1, 10)
    each = np.stack([rank_correlation(climb[:, i]) for i in range(len(moving))], axis=1)  # (m, k - 1)

    def pooled(rows: NDArray[Any]) -> Floats:
        """(r, m, 10) -> (r,)."""
        asked = np.tile(np.asarray(LEVELS), rows.shape[1])
        return rank_correlation(rows.reshape(len(rows), -1), asked)

    def mean_pooled(rows: NDArray[Any]) -> Floats:
        """(r, m, k - 1, 10) -> (r,)."""
        return np.asarray(np.mean([pooled(rows[:, :, i]) for i in range(rows.shape[2])], axis=0))

    by_emotion = {}
    for i, at in enumerate(moving):
        by_emotion[emotions[at]] = {
            "spearman": float(pooled(climb[None, :, i])[0]),
            "ci95": list(bootstrap(pooled, climb[:, i], resamples=_RESAMPLES, seed=seed)),
            "by_face": float(each[:, i].mean()),
            "by_face_ci95": list(bootstrap(lambda rows: rows.mean(axis=1), each[:, i], seed=seed)),
        }
    return {
        "n": len(climb) * len(LEVELS),
        "faces": len(climb),
        "mean": float(mean_pooled(climb[None])[0]),
        "mean_ci95": list(bootstrap(mean_pooled, climb.astype(np.float32), resamples=_RESAMPLES, seed=seed)),
        "by_face": float(each.mean()),
        "by_face_ci95": list(bootstrap(lambda rows: rows.mean(axis=(1, 2)), each, seed=seed)),
        "by_emotion": by_emotion,
        "levels": [0.0, *LEVELS],
        "curve": {emotions[at]: made.ladder[:, at].mean(axis=0).tolist() for at in moving},
    }


def rank_correlation(values: NDArray[Any], against: NDArray[Any] | None = None) -> Floats:
    """Spearman's of each row (r, c) with `against` (c,), ties sharing their mean rank; 0 of a row that is flat.

    Without `against` the columns stand in rising order.
    """
    from scipy.stats import rankdata

    asked = np.arange(values.shape[1]) if against is None else against
    a, b = rankdata(values, axis=1), rankdata(asked)[None]
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean()
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.asarray(np.divide((a * b).sum(axis=1), size, out=np.zeros(len(a)), where=size > 0))
