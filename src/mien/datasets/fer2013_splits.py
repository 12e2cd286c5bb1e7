"""The names of splits, and how FER2013's three are known by their label counts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.labels import SEVEN

TRAINING, PUBLIC_TEST, PRIVATE_TEST = "Training", "PublicTest", "PrivateTest"
VALIDATION, TEST = "Validation", "Test"

FER2013_COUNTS: Mapping[str, tuple[int, ...]] = MappingProxyType({
    TRAINING: (3995, 436, 4097, 7215, 4830, 3171, 4965),
    PUBLIC_TEST: (467, 56, 496, 895, 653, 415, 607),
    PRIVATE_TEST: (491, 55, 528, 879, 594, 416, 626),
})  # fmt: skip
"""Rows by emotion, in the order of `labels.SEVEN`: 28,709, 3,589 and 3,589 rows."""

FER2013_ROWS: Mapping[str, int] = MappingProxyType({k: sum(v) for k, v in FER2013_COUNTS.items()})

_SPELLINGS: Mapping[str, str] = MappingProxyType({
    "training": TRAINING, "train": TRAINING,
    "publictest": PUBLIC_TEST, "privatetest": PRIVATE_TEST,
    "validation": VALIDATION, "valid": VALIDATION, "val": VALIDATION, "dev": VALIDATION,
    "test": TEST, "testing": TEST,
})  # fmt: skip


def split_name(word: str) -> str | None:
    """`Training` for `train`, `Validation` for `val` and so on in any case; None for any other word."""
    return _SPELLINGS.get(word.strip().lower())


def recognise(split: NDArray[np.str_], index: NDArray[np.int64]) -> NDArray[np.str_]:
    """Rename splits whose label counts are exactly those of one of FER2013's.

    Re-packs call PublicTest "validation" and PrivateTest "test", and some swap them; the counts tell.

    Args:
        split: (n,) names.
        index: (n,) positions in EMOTIONS, -1 for none.
    """
    out = split.astype("U16")
    for name in np.unique(split):
        rows = split == name
        known = index[rows]
        counts = tuple(np.bincount(known[known >= 0], minlength=len(SEVEN)).tolist())
        for true_name, true_counts in FER2013_COUNTS.items():
            if counts == true_counts:
                out[rows] = true_name
    return out


def split_order(name: str) -> int:
    """Sorting key: training, then what one chooses by, then what one reports on, then any other."""
    return {TRAINING: 0, PUBLIC_TEST: 1, VALIDATION: 1, PRIVATE_TEST: 2, TEST: 2}.get(name, 3)
