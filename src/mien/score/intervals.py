"""How far a score would move on another draw of as many faces."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
_CHUNK = 4_000_000  # row numbers drawn at a time, so that memory stays bounded

Interval = tuple[float, float]


def _percentiles(values: NDArray[Any], level: float) -> Interval:
    outside = 50 * (1 - level)
    if np.isnan(values).all():  # a statistic that is defined on no draw
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [outside, 100 - outside])
    return float(low), float(high)


def _check(n: int, resamples: int, level: float) -> None:
    if n < 1 or resamples < 1 or not 0 < level < 1:
        raise ValueError(
            f"n = {n}, resamples = {resamples}, level = {level}: expected n, resamples >= 1, 0 < level < 1"
        )


def bootstrap(
    statistic: Callable[..., NDArray[Any]],
    *columns: NDArray[Any],
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of a statistic of rows (Efron & Tibshirani 1993, chapter 13).

    Args:
        statistic: takes the columns resampled, each (m, n, ...), and gives (m,), one value a resample; of
            paired columns the same rows are drawn.
        columns: (n, ...) each, one entry a row.

    Raises:
        ValueError: no rows, lengths that differ, a level out of 0..1.
    """
    n = len(columns[0])
    _check(n, resamples, level)
    if any(len(column) != n for column in columns):
        raise ValueError(f"columns of {sorted({len(c) for c in columns})} rows, expected the same")
    random = np.random.default_rng(seed)
    at_once = max(1, _CHUNK // n)
    values = []
    for start in range(0, resamples, at_once):
        index = random.integers(0, n, (min(at_once, resamples - start), n), dtype=np.int32)
        values.append(np.asarray(statistic(*(np.asarray(column)[index] for column in columns))))
    return _percentiles(np.concatenate(values), level)


def bootstrap_share(right: NDArray[np.bool_], seed: int = 0) -> list[float]:
    """[low, high] in percent of the share of rows that are right, by `bootstrap`."""
    return list(bootstrap(lambda sample: 100 * sample.mean(axis=1), right, seed=seed))


def bootstrap_confusion(
    statistic: Callable[[NDArray[np.int64]], NDArray[Any]],
    confusion: NDArray[Any],
    *,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of a statistic of a confusion matrix, e.g. `macro_f1`.

    Drawing n rows with replacement is drawing the cells they fall in from a multinomial, so no row is
    touched and the cost does not grow with n.

    Args:
        statistic: (m, k, k) counts -> (m,).
        confusion: (k, k) counts.

    Raises:
        ValueError: an empty matrix, a level out of 0..1.
    """
    counts = np.asarray(confusion, np.int64)
    n = int(counts.sum())
    _check(n, resamples, level)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(n, counts.ravel() / n, size=resamples)
    return _percentiles(np.asarray(statistic(drawn.reshape(resamples, *counts.shape))), level)


def wilson(right: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a share, in percent: sound for few rows, where the bootstrap is not.

    Raises:
        ValueError: `right` out of 0..n, no rows, a level out of 0..1.
    """
    _check(n, 1, level)
    if not 0 <= right <= n:
        raise ValueError(f"{right} right of {n}")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)
