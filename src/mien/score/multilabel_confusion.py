"""What is confused with what where a face may show several units at once, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def unit_confusions(targets: NDArray[Any], said: NDArray[np.bool_]) -> Counts:
    """(u, 2, 2) counts of each unit alone: [[not shown, not said; not shown, said], [shown, not said; shown, said]].

    Args:
        targets: (n, u) 1 shown, 0 not, NaN without a label, which is left out.
        said: (n, u) bool.

    Raises:
        ValueError: shapes that differ, or targets other than 0, 1 and NaN.
    """
    shown, named, known = _checked(targets, said)
    cells = ((known & ~shown & ~named), (known & ~shown & named), (shown & ~named), (shown & named))
    return np.stack([cell.sum(axis=0) for cell in cells], axis=-1).reshape(-1, 2, 2).astype(np.int64)


def between_units(targets: NDArray[Any], said: NDArray[np.bool_]) -> Counts:
    """MLCM of Heydarian, Doyle and Samavi 2022, "MLCM: multi-label confusion matrix", section III: (u + 1, u + 1).

    Of a face that shows the units T, of which P are said, cell (i, i) counts one for each i in both. What is left is
    counted by their three categories: units missed and nothing said in their place, in the last column ("no predicted
    label"); units missed and others said, at (i, j) for each i in T - P and each j in P - T; nothing missed and others
    said besides, at (i, j) for each i in T and j in P - T, or in the last row ("no true label") where T is empty. A
    face with neither counts in the last cell. A face may count in many cells, so rows do not add up to faces.

    Units without a label are left out of both T and P of their face. Arguments and errors as for `unit_confusions`.
    """
    shown, named, known = _checked(targets, said)
    named = named & known
    hit, missed, extra = shown & named, shown & ~named, named & ~shown
    some_missed, some_extra, some_shown = (cells.any(axis=1) for cells in (missed, extra, shown))
    u = shown.shape[1]
    out = np.zeros((u + 1, u + 1), np.int64)
    swapped = some_missed & some_extra
    added = ~some_missed & some_extra & some_shown
    out[:u, :u] = _pairs(missed[swapped], extra[swapped]) + _pairs(shown[added], extra[added])
    out[np.arange(u), np.arange(u)] += hit.sum(axis=0)
    out[:u, u] = missed[some_missed & ~some_extra].sum(axis=0)
    out[u, :u] = extra[some_extra & ~some_shown].sum(axis=0)
    out[u, u] = int((~some_shown & ~some_extra & known.any(axis=1)).sum())
    return out


def _pairs(rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Counts:
    """(u, u) how many faces have i among `rows` and j among `columns`."""
    return np.rint(rows.T.astype(np.float64) @ columns.astype(np.float64)).astype(np.int64)


def _checked(
    targets: NDArray[Any], said: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Shown, said, and whether there is a label, (n, u) each."""
    true, named = np.asarray(targets, np.float64), np.asarray(said)
    if true.ndim != 2 or true.shape != named.shape or named.dtype != np.bool_:
        raise ValueError(f"targets of shape {true.shape}, {named.dtype} of shape {named.shape}: expected (n, u), bool")
    known = ~np.isnan(true)
    if not np.isin(true[known], (0, 1)).all():
        raise ValueError("targets: expected 0, 1 or NaN")
    return true == 1, named, known
