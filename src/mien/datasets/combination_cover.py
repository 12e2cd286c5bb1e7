"""As few faces as possible such that every combination of action units has its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

DRAW, EXACT, GREEDY = "draw", "exact", "greedy"
LIMIT = 5000
"""Kinds of faces up to which the smallest set is searched for."""
SECONDS = 60.0
"""After which a search that has proved nothing is given up."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Which rows are named, and what that gives.

    Attributes:
        rows: (m,) positions in ascending order, repeated ones beside each other.
        available: (w,) rows that satisfy each wish.
        got: (w,) rows named that satisfy it, repeats counted.
        most: (w,) how often the row that is named most often is, of those that satisfy it; 0 for none.
        method: `draw` where no row satisfies two wishes, `exact` for a set proved smallest, else `greedy`.
    """

    rows: Counts
    available: Counts
    got: Counts
    most: Counts
    method: str


def cover(satisfies: NDArray[np.bool_], numbers: Sequence[int], seed: int, *, repeat: bool = False) -> Cover:
    """Rows such that each wish has its number, or where there are fewer rows, all of them.

    Rows that satisfy the same wishes are of one kind and stand in for each other, so that it is decided how many
    rows of each kind are taken, which is a small integer program (solved by HiGHS), and then which ones by lot.

    Args:
        satisfies: (n, w) whether a row satisfies a wish.
        numbers: (w,) rows wished for, each 1 or more.
        seed: 0 or more; decides which rows of a kind are taken, and which are named once more.
        repeat: name the rows of a wish that has too few more than once, each equally often, give or take one
            (more often those that another wish needs more often). Wishes that have enough never repeat a row.
    """
    wanted = np.asarray(numbers, np.int64)
    kinds, kind, rows = np.unique(satisfies, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    available = np.asarray(satisfies.sum(axis=0), np.int64)
    low, high, need = _bounds(kinds, rows, available, wanted, repeat)
    taken, method = _smallest(kinds, low, high, need)
    rng = np.random.default_rng(seed)
    times = np.zeros(len(satisfies), np.int64)
    for at in np.flatnonzero(taken):
        of_kind = np.flatnonzero(kind == at)
        each, more = divmod(int(taken[at]), len(of_kind))
        times[of_kind] = each
        times[rng.choice(of_kind, more, replace=False)] += 1
    return Cover(
        rows=np.repeat(np.arange(len(times)), times),
        available=available,
        got=np.asarray(satisfies.T.astype(np.int64) @ times, np.int64),
        most=np.max(np.where(satisfies, times[:, None], 0), axis=0, initial=0),
        method=method,
    )


def _bounds(
    kinds: NDArray[np.bool_], rows: Counts, available: Counts, wanted: Counts, repeat: bool
) -> tuple[Counts, Counts, Counts]:
    """(k,) least and most rows of each kind, and (w,) rows that each wish is to get; taking the most meets all."""
    low, high = np.zeros_like(rows), np.where(kinds.any(axis=1), rows, 0)
    if not repeat:
        return low, high, np.minimum(wanted, available)
    for at in np.flatnonzero((available > 0) & (wanted > available)):
        times, more = divmod(int(wanted[at]), int(available[at]))
        low = np.where(kinds[:, at], np.maximum(low, rows * times), low)
        high = np.where(kinds[:, at], np.maximum(high, rows * (times + bool(more))), high)
    return low, high, np.where(available > 0, wanted, 0)


def _smallest(kinds: NDArray[np.bool_], low: Counts, high: Counts, need: Counts) -> tuple[Counts, str]:
    """(k,) rows of each kind, and how they were found."""
    if (kinds.sum(axis=1) <= 1).all():
        return np.where(kinds.any(axis=1), (kinds * need).sum(axis=1), 0).astype(np.int64), DRAW
    exact = _exact(kinds, low, high, need) if len(kinds) <= LIMIT else None
    return (_greedy(kinds, low, high, need), GREEDY) if exact is None else (exact, EXACT)


def _exact(kinds: NDArray[np.bool_], low: Counts, high: Counts, need: Counts) -> Counts | None:
    """(k,) rows of each kind, as few as there can be; None where that could not be proved.

    Of the smallest sets one that goes beyond the wishes as little as possible is taken.
    """
    from scipy.optimize import LinearConstraint

    wishes = LinearConstraint(kinds.T.astype(np.float64), lb=need)
    fewest = _solved(np.ones(len(kinds)), low, high, [wishes])
    if fewest is None or not _meets(fewest, kinds, low, high, need):
        return None
    size = LinearConstraint(np.ones((1, len(kinds))), ub=float(fewest.sum()))
    closest = _solved(kinds.sum(axis=1).astype(np.float64), low, high, [wishes, size])
    good = closest is not None and closest.sum() == fewest.sum() and _meets(closest, kinds, low, high, need)
    return closest if good else fewest


def _solved(cost: NDArray[np.float64], low: Counts, high: Counts, constraints: list[Any]) -> Counts | None:
    from scipy.optimize import Bounds, milp

    options = {"time_limit": SECONDS, "mip_rel_gap": 0.0}
    whole = np.ones(len(cost))
    found = milp(cost, integrality=whole, bounds=Bounds(low, high), constraints=constraints, options=options)
    return np.rint(found.x).astype(np.int64) if found.success else None


def _meets(taken: Counts, kinds: NDArray[np.bool_], low: Counts, high: Counts, need: Counts) -> bool:
    """Whether rounding left a solution one."""
    within = ((taken >= low) & (taken <= high)).all()
    return bool(within and (kinds.T.astype(np.int64) @ taken >= need).all())


def _greedy(kinds: NDArray[np.bool_], low: Counts, high: Counts, need: Counts) -> Counts:
    """(k,) rows of each kind: first of what helps most wishes at once; then what has become needless is put back."""
    wishes = kinds.astype(np.int64)
    taken = low.copy()
    lack = need - wishes.T @ taken
    while (lack > 0).any():
        helps = np.where(taken < high, wishes @ (lack > 0), 0)
        best = int(helps.argmax())  # ties fall to the first kind, whose order is that of the wishes
        served = kinds[best] & (lack > 0)
        more = min(int(high[best] - taken[best]), int(lack[served].min()))
        taken[best] += more
        lack -= more * wishes[best]
    for at in np.argsort(wishes.sum(axis=1), kind="stable"):
        if kinds[at].any():
            spare = min(int(taken[at] - low[at]), int((-lack[kinds[at]]).min()))
            taken[at] -= spare
            lack += spare * wishes[at]
    return taken
