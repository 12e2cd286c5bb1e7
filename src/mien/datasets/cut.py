"""Rows dealt out to the sides of a cut in given shares, each class in the same shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.grouped_cut import deal_groups
from mien.errors import MienError


def stratified_cut(
    labels: NDArray[np.int64], shares: Sequence[float], seed: int, groups: NDArray[np.str_] | None = None
) -> NDArray[np.int64]:
    """Deal n rows out to the sides of a cut.

    Without groups a class with at least as many rows as there are sides has one or more on each; apart from
    that its rows on a side differ from their share by less than one. A class with fewer rows than sides gives
    one each to the largest sides, so that a single row goes to the largest (of equal ones, to the one that is
    furthest behind).

    With groups no group is on two sides, and the classes' shares are met as nearly as a greedy search finds.

    Args:
        labels: (n,) classes; any integers. -1, no label, is dealt out like a class of its own.
        shares: of the sides, 0 or more, summing to 1. A side with share 0 stays empty.
        seed: 0 or more; decides which rows of a class go where.
        groups: (n,) names; rows of one name stay together, rows named "" are each on their own.

    Returns:
        (n,) the side of each row, a position in `shares`.

    Raises:
        MienError: shares that are negative or do not sum to 1, or groups fewer than sides.
        ValueError: labels and groups of different lengths.
    """
    labels = np.asarray(labels, np.int64)
    wanted = _checked(shares)
    rng = np.random.default_rng(seed)
    classes, of_class = np.unique(labels, return_inverse=True)
    if groups is not None:
        if len(groups) != len(labels):
            raise ValueError(f"groups: {len(groups)} names for {len(labels)} labels")
        return deal_groups(of_class, len(classes), wanted, np.asarray(groups), rng)
    side = np.zeros(len(labels), np.int64)
    behind = np.zeros(len(wanted))  # rows that each side is short of its share so far, over all classes
    for position in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(of_class == position))
        counts = _counts(len(rows), wanted, behind)
        behind += len(rows) * wanted - counts
        side[rows] = np.repeat(np.arange(len(wanted)), counts)
    return side


def _checked(shares: Sequence[float]) -> NDArray[np.float64]:
    wanted = np.asarray(shares, np.float64)
    if wanted.ndim != 1 or not len(wanted) or not np.isfinite(wanted).all() or (wanted < 0).any():
        raise MienError(f"shares {', '.join(map(str, shares))}: give numbers of 0 or more that sum to 1")
    if not math.isclose(total := float(wanted.sum()), 1, abs_tol=1e-6):
        raise MienError(f"shares {', '.join(f'{s:g}' for s in wanted)} sum to {total:g}: let them sum to 1")
    return wanted / total


def _counts(n: int, shares: NDArray[np.float64], behind: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of a class's n rows each side gets: its share rounded down or up, the sides behind rounded up."""
    sides = np.flatnonzero(shares > 0)
    counts = np.zeros(len(shares), np.int64)
    if n < len(sides):
        order = np.lexsort((-behind[sides], -shares[sides]))
        counts[sides[order[:n]]] = 1
        return counts
    exact = n * shares
    counts[:] = np.floor(exact + 1e-9)
    rest = exact - counts
    left = n - int(counts.sum())
    order = np.argsort(-np.where(rest > 1e-9, rest + behind, -np.inf), kind="stable")
    counts[order[:left]] += 1
    for side in sides[counts[sides] == 0]:
        counts[np.argmax(counts - exact + np.where(counts > 1, 0, -np.inf))] -= 1
        counts[side] = 1
    return counts
