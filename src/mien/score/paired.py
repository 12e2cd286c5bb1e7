"""Two or more models on the same rows: McNemar's test, and a bootstrap that draws the same rows for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.f1 import mean_of_present
from mien.score.inputs import checked_labels
from mien.score.intervals import RESAMPLES, Interval

FEW = 25
"""From this many rows on which only one of two is right, McNemar's test goes by chi-square."""
_CHUNK = 4_000_000  # counts drawn at a time, so that memory stays bounded


@dataclass(frozen=True, slots=True)
class McNemar:
    """`only_first` (n10) and `only_second` (n01) rows are right by one alone; `p` is two-sided.

    `test` is `exact` (binomial) or `chi-square` (with continuity correction).
    """

    only_first: int
    only_second: int
    p: float
    test: str


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Whether two models differ in top-1 on the same rows (McNemar 1947).

    Below FEW rows that only one gets right the exact binomial test, with p = 1 where there are none; else
    (|n10 - n01| - 1)^2 / (n10 + n01) against chi-square with one degree of freedom (Edwards 1948).

    Args:
        first_right, second_right: (n,) whether each got a row right.

    Raises:
        ValueError: lengths that differ, or other than truth values.
    """
    first, second = np.asarray(first_right), np.asarray(second_right)
    if first.shape != second.shape or first.ndim != 1 or first.dtype != np.bool_ or second.dtype != np.bool_:
        raise ValueError(f"{first.dtype} {first.shape} and {second.dtype} {second.shape}: expected (n,) bool twice")
    a, b = int((first & ~second).sum()), int((~first & second).sum())
    from scipy.stats import binomtest, chi2

    if a + b < FEW:
        return McNemar(a, b, float(binomtest(a, a + b).pvalue) if a + b else 1.0, "exact")
    statistic = max(abs(a - b) - 1, 0) ** 2 / (a + b)
    return McNemar(a, b, float(chi2.sf(statistic, 1)), "chi-square")


@dataclass(frozen=True, slots=True)
class Draws:
    """Scores in percent of m models on resamples that are the same for all: (resamples, m) each.

    A difference of two columns is that score's difference, resample by resample.
    """

    top1: NDArray[np.float64]
    macro_f1: NDArray[np.float64]


def paired_bootstrap(
    targets: NDArray[Any], said: NDArray[Any], classes: int, *, resamples: int = RESAMPLES, seed: int = 0
) -> Draws:
    """Top-1 and macro F1 of each model on `resamples` draws of n rows, the same rows for all models.

    Rows with the same class and the same answers are one cell, and drawing rows is drawing cells from a
    multinomial (Efron & Tibshirani 1993), so that the cost grows with the number of cells.

    Args:
        targets: (n,) classes 0..classes-1.
        said: (m, n) the classes that m models say.

    Raises:
        ValueError: shapes or labels that do not fit, or no resamples.
    """
    labels, answers = checked_labels(targets, classes), np.asarray(said)
    if answers.ndim != 2 or answers.shape[1] != len(labels) or not len(answers) or resamples < 1:
        raise ValueError(f"answers of shape {answers.shape} to {len(labels)} rows, {resamples} resamples")
    answers = np.stack([checked_labels(one, classes) for one in answers])
    cells, counts = np.unique(np.vstack([labels, answers]), axis=1, return_counts=True)
    true, given = cells[0], cells[1:]
    eye = np.eye(classes)
    of_class = eye[true]  # (cells, k)
    right = [eye[true] * (one == true)[:, None] for one in given]
    columns = np.hstack([of_class, *right, *(eye[one] for one in given)])  # (cells, k + 2mk)
    random, n, models = np.random.default_rng(seed), len(labels), len(given)
    top1, f1 = [], []
    at_once = max(1, _CHUNK // len(counts))
    for start in range(0, resamples, at_once):
        some = min(at_once, resamples - start)
        drawn = random.multinomial(n, counts / n, size=some).astype(np.float64)
        sums = (drawn @ columns).reshape(some, 1 + 2 * models, classes)
        rows, hit, named = sums[:, :1], sums[:, 1 : 1 + models], sums[:, 1 + models :]
        top1.append(100 * hit.sum(axis=2) / n)
        each = np.where(rows > 0, 200 * hit / np.maximum(rows + named, 1), np.nan)
        f1.append(mean_of_present(each))
    return Draws(np.concatenate(top1), np.concatenate(f1))


def interval_of(draws: NDArray[np.float64], level: float = 0.95) -> Interval:
    """(resamples,) values of a statistic -> its percentile interval."""
    outside = 50 * (1 - level)
    low, high = np.nanpercentile(draws, [outside, 100 - outside])
    return float(low), float(high)


def p_of(draws: NDArray[np.float64]) -> float:
    """(resamples,) differences -> two-sided p of no difference: twice the smaller share on the far side of 0.

    One resample is added to either side (Davison & Hinkley 1997, section 4.2), so that p is never below
    2 / (resamples + 1) and a difference of 0 throughout has p = 1.
    """
    below, above = int((draws <= 0).sum()), int((draws >= 0).sum())
    return float(min(1.0, 2 * (min(below, above) + 1) / (len(draws) + 1)))
