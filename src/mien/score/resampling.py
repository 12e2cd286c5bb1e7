"""Scores on other draws of as many faces, or of as many people, from sums: no row is copied."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.intervals import RESAMPLES

Floats = NDArray[np.float64]
_CHUNK = 4_000_000  # counts at a time, so that memory stays bounded


def resampled_sums(
    rows: NDArray[Any], clusters: NDArray[Any] | None = None, *, resamples: int = RESAMPLES, seed: int = 0
) -> Floats:
    """Sums of rows on each resample, for statistics that sums decide.

    Without clusters as many rows as there are are drawn with replacement; with them as many clusters, each with all
    its rows (Davison & Hinkley 1997, section 3.8, their strategy 1): frames of one person are not independent, and an
    interval over faces would be far too narrow for other people.

    Args:
        rows: (n, ...) finite.
        clusters: (n,) whose row it is, such as the person.

    Returns:
        (resamples, ...).

    Raises:
        ValueError: no rows, a single cluster, or lengths that differ.
    """
    values = np.asarray(rows, np.float64)
    if not len(values) or resamples < 1:
        raise ValueError(f"{len(values)} rows, {resamples} resamples: expected at least one of each")
    flat = values.reshape(len(values), -1)
    if clusters is not None:
        if len(clusters) != len(values):
            raise ValueError(f"{len(clusters)} clusters' names for {len(values)} rows")
        names, of = np.unique(clusters, return_inverse=True)
        if len(names) < 2:
            raise ValueError("one cluster: there is nothing to draw from")
        summed = np.zeros((len(names), flat.shape[1]))
        np.add.at(summed, of.ravel(), flat)
        flat = summed
    n, random, out = len(flat), np.random.default_rng(seed), []
    at_once = max(1, _CHUNK // n)
    for start in range(0, resamples, at_once):
        some = min(at_once, resamples - start)
        drawn = random.integers(0, n, (some, n)) + n * np.arange(some)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=some * n).reshape(some, n).astype(np.float64)
        out.append(counts @ flat)
    return np.concatenate(out).reshape(resamples, *values.shape[1:])


def interval(draws: NDArray[Any], level: float = 0.95) -> tuple[float, float]:
    """(resamples,) values of a statistic -> its percentile interval; two NaN where it is defined on no draw."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)
