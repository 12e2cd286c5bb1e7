"""The randomisation test: a map that looks the same once the model has forgotten everything shows no model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.explain.explainer import Explainer
from mien.runtime.heat_map import enlarged
from mien.score.map_likeness import rank_correlation, ssim

ALIKE = 0.5
"""Median rank correlation from which a method is called suspicious; Adebayo et al. give no number."""
DRAWS = 5
"""Models that have forgotten, over whose maps likeness is averaged: one random head may resemble the learnt one."""
_LEAST = 11  # cells a side that structural similarity needs


class Randomised(NamedTuple):
    """How like each face's map is to that of a model without its weights, the mean over several such models."""

    what: str  # which weights were drawn anew
    rank_correlation: NDArray[np.float64]  # (n,) in -1..1; NaN where a map is flat
    ssim: NDArray[np.float64]  # (n,) at most 1


def randomisation(
    explainer: Explainer,
    crops: NDArray[np.uint8],
    columns: NDArray[np.int64],
    maps: NDArray[np.float32],
    *,
    method: str,
    layer: str = "",
    seed: int = 0,
) -> Randomised:
    """Adebayo et al. 2018, section 3: the same method, faces and targets after the weights were drawn anew.

    Args:
        maps: (n, h', w') of the model as it is, negative parts cut off here as they are when drawn.
        seed: of the first draw; the others follow it.

    Raises:
        MienError: a model whose weights cannot be drawn anew.
    """
    mine, size = np.maximum(maps, 0), (max(_LEAST, maps.shape[1]), max(_LEAST, maps.shape[2]))
    what, ranks, alike = "", [], []
    for draw in range(DRAWS):
        other, what = explainer.randomised(seed * DRAWS + draw)
        theirs = np.maximum(other.maps(crops, columns, method, layer), 0)
        ranks.append(rank_correlation(mine, theirs))
        alike.append(ssim(enlarged(mine, *size), enlarged(theirs, *size)))
    return Randomised(what, _mean(ranks), np.mean(alike, axis=0))


def _mean(draws: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """(n,) over the draws whose map was not flat; NaN where all were."""
    each = np.stack(draws)
    known = np.isfinite(each)
    count = known.sum(axis=0)
    total = np.where(known, each, 0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(each.shape[1], np.nan), where=count > 0))
