"""k folds, each with the same share of every class, for cross-validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.cut import stratified_cut
from mien.errors import MienError


def folds(labels: NDArray[np.int64], k: int, seed: int, groups: NDArray[np.str_] | None = None) -> NDArray[np.int64]:
    """Deal n rows out to k folds, each row to exactly one.

    Without groups a class's rows in two folds differ by one at most, and so do the folds' sizes.

    Args:
        labels: (n,) classes, -1 for none.
        k: 2 or more.
        seed: 0 or more.
        groups: (n,) names whose rows stay in one fold, "" for none; as for `stratified_cut`.

    Returns:
        (n,) the fold of each row, 0..k-1.

    Raises:
        MienError: k below 2, or more folds than rows or groups.
    """
    if k < 2:
        raise MienError(f"{k} folds: give 2 or more")
    if k > len(labels):
        raise MienError(f"{k} folds for {len(labels)} rows: give at most as many as there are rows")
    return stratified_cut(labels, [1 / k] * k, seed, groups)
