"""How far the edits as a set lie from real faces, by KID and FID over a model's features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import needing
from mien.evaluate.edits.made import Made

SPLITS = 10
"""Random ways to cut the faces in two."""
LEAST = 32
"""Faces below which a set of them has no distance worth telling."""

Features = NDArray[np.float32]


def realism(made: Made, seed: int = 0) -> dict[str, Any] | None:
    """Distances between sets: real faces of one half of the rows, and edits of the other half.

    So no person stands on both sides, and the real faces of the other half, measured the same way, are the baseline:
    what two sets of real faces of this size differ by. The edits are asked for their own half's emotions, dealt out
    anew among other faces, so that a difference is not one of emotions; `reconstructions` are asked for their own.

    Returns:
        n faces a side, d features, `own_share` of the edits that had to be asked for what they show, as more than half
        of the faces show it, and `kid` and `fid` each with `edits`, `reconstructions` and `real` (the baseline):
        mean, and the range of the middle 95 % over 10 random halvings, which is no interval over other faces. None with
        fewer than 32 faces.

    Raises:
        MissingExtraError: no torch, or no torch-fidelity.
    """
    n = len(made.own)
    if n < LEAST:
        return None
    with needing("KID and FID", "train", "torch-fidelity"):
        from mien.lab.gan.set_distance import fid, kid

    values: dict[str, dict[str, list[float]]] = {m: {"edits": [], "reconstructions": [], "real": []} for m in _MEASURES}
    half = n // 2
    kept: list[float] = []
    for cut in range(SPLITS):
        rng = np.random.default_rng([seed, cut])
        # not balanced by emotion: halves more alike than chance would push the unbiased KID below 0
        first, second = np.split(rng.permutation(n)[: 2 * half], 2)
        asked = _dealt(made.own[second], rng)
        kept.append(float((asked == made.own[second]).mean()))
        sides = {
            "edits": made.features[second, asked],
            "reconstructions": made.features[second, made.own[second]],
            "real": made.real[second],
        }
        against = made.real[first]
        for measure, distance in zip(_MEASURES, (kid, fid), strict=True):
            for name, side in sides.items():
                values[measure][name].append(distance(against, side))
    found: dict[str, Any] = {
        "n": half,
        "features": int(made.real.shape[1]),
        "halvings": SPLITS,
        "own_share": float(np.mean(kept)),
    }
    return found | {m: {name: _told(each) for name, each in values[m].items()} for m in _MEASURES}


def _dealt(own: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """The emotions (n,) dealt out anew at random, no face getting its own unless more than half of them show one."""
    mixed = rng.permutation(len(own))
    classes = rng.permutation(int(own.max()) + 1)
    order = mixed[np.argsort(classes[own[mixed]], kind="stable")]  # class after class
    asked = np.empty_like(own)
    asked[order] = np.roll(own[order], int(np.bincount(own).max()))  # moved on by the largest, no place keeps its own
    return asked


_MEASURES = ("kid", "fid")
Distance = Callable[[Features, Features], float]


def _told(values: list[float]) -> dict[str, Any]:
    low, high = np.percentile(values, [2.5, 97.5])
    return {"mean": float(np.mean(values)), "range95": [float(low), float(high)]}
