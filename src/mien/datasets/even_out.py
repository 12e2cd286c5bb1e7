"""Classes brought to one size by naming rows more than once, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED
from mien.errors import MienError

SIZES = ("min", "median", "max")


def even_out(labels: NDArray[np.int64], names: Sequence[str], to: str | int, seed: int) -> NDArray[np.int64]:
    """Rows such that every class has the same number.

    A class with fewer rows than wanted names each of them equally often, give or take one; a class with more keeps
    a draw without repeats. Rows without a label all stay.

    Args:
        labels: (n,) positions in `names`, -1 for none.
        names: of the classes that there are to be, each of which needs a row.
        to: a class's rows: as many as the smallest, median or largest class has (`min`, `median`, `max`), or a number.
        seed: 0 or more; decides which rows are kept or named once more.

    Returns:
        (m,) positions of rows in ascending order, repeated ones beside each other.

    Raises:
        MienError: a class without rows, or `to` that is none of these.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(names))
    size = wanted_size(counts, names, to)
    rng = np.random.default_rng(seed)
    chosen = [np.flatnonzero(labels == UNLABELLED)]
    for label in range(len(names)):
        rows = np.flatnonzero(labels == label)
        times, more = divmod(size, len(rows))
        chosen += [np.tile(rows, times), rng.choice(rows, more, replace=False)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def wanted_size(counts: NDArray[np.int64], names: Sequence[str], to: str | int) -> int:
    """Rows that each class is to have, 1 or more.

    Raises:
        MienError: as for `even_out`.
    """
    absent = [name for name, count in zip(names, counts.tolist(), strict=True) if count == 0]
    if absent:
        raise MienError(f"no rows of {', '.join(absent)}, which cannot be evened out: get some, or leave the class out")
    word = str(to)
    if word in SIZES:
        return {"min": int(counts.min()), "median": round(float(np.median(counts))), "max": int(counts.max())}[word]
    if not (word.isascii() and word.isdecimal()) or int(word) < 1:
        raise MienError(f"rows a class {word!r}: give {', '.join(SIZES)} or a number of 1 or more")
    return int(word)
