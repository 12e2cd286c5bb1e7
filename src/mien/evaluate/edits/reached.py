"""Whether edits show what was asked for, as a classifier sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.edits.made import Made
from mien.score.confusion import confusion_matrix
from mien.score.intervals import bootstrap, wilson

Shares = NDArray[np.float64]


def reached(made: Made, emotions: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """The share of edits at full strength whose likeliest emotion is the one asked for; percentages.

    A generator that changes nothing reaches 100 / k on the mean of k emotions, and by emotion as often as the judge
    says it of the faces. `from_others` leaves out faces that were already labelled with what is asked for.

    Returns:
        n edits; mean over emotions with its interval, by bootstrap over faces, since edits of one face hang together;
        by emotion with Wilson's; `judged`: (k, k) counts, row asked for, column the judge's answer; `by_source`:
        (k, k) shares, row the face's own emotion, column asked for, None without such faces.
    """
    n, k = len(made.own), len(emotions)
    said = made.full.argmax(axis=2)
    hit = said == np.arange(k)
    away = np.where(made.own[:, None] == np.arange(k), np.nan, hit)
    others = ~np.isnan(away)
    by_emotion = {}
    for at, name in enumerate(emotions):
        apart = others[:, at]
        by_emotion[name] = share_of(hit[:, at]) | {"from_others": share_of(hit[apart, at])}
    asked = np.broadcast_to(np.arange(k), said.shape)
    return {
        "n": n * k,
        "faces": n,
        "mean": 100 * float(hit.mean()),
        "mean_ci95": list(bootstrap(lambda rows: 100 * rows.mean(axis=(1, 2)), hit, seed=seed)),
        "least": min(100 * float(hit[:, at].mean()) for at in range(k)),
        "from_others": {
            "n": int(others.sum()),
            "mean": float(_mean_over_emotions(away[None])[0]),
            "mean_ci95": list(bootstrap(_mean_over_emotions, away.astype(np.float32), seed=seed)),
        },
        "by_emotion": by_emotion,
        "judged": confusion_matrix(asked.ravel(), said.ravel(), k).tolist(),
        "by_source": [[_share(hit[made.own == source, at]) for at in range(k)] for source in range(k)],
        "sources": np.bincount(made.own, minlength=k).tolist(),
    }


def left_alone(made: Made) -> dict[str, Any]:
    """The judge on the faces as they are: a share of edits above that one's own would be no merit of the generator.

    Returns:
        n, top-1 in percent against the labels, and Wilson's interval.
    """
    return share_of(made.plain.argmax(axis=1) == made.own, "top1")


def share_of(right: NDArray[np.bool_], name: str = "reached") -> dict[str, Any]:
    """n, the percentage that is right, and Wilson's interval; None of no rows."""
    n = len(right)
    return {
        "n": n,
        name: _share(right),
        "ci95": list(wilson(int(right.sum()), n)) if n else None,
    }


def _share(right: NDArray[np.bool_]) -> float | None:
    return 100 * float(right.mean()) if len(right) else None


def _mean_over_emotions(rows: NDArray[Any]) -> Shares:
    """(m, n, k) hits, NaN where a face does not count -> (m,) percent; an emotion that no face counts for is passed."""
    counted = ~np.isnan(rows)
    counts = counted.sum(axis=1)
    by_emotion = np.where(counts > 0, np.nansum(rows, axis=1) / np.maximum(counts, 1), np.nan)
    known = ~np.isnan(by_emotion)
    return np.asarray(100 * np.nansum(by_emotion, axis=1) / np.maximum(known.sum(axis=1), 1))
