"""P values of several tests at once: how large each is once it is known that others were looked at too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = Sequence[float] | NDArray[Any]


def holm(p: Values) -> NDArray[np.float64]:
    """(t,) p values -> (t,) adjusted ones: call those below a level found, and the chance that any of them is
    false stays below that level, however the tests hang together (Holm 1979).

    The smallest is multiplied by t, the next by t - 1 and so on; none may fall below one before it or pass 1.

    Raises:
        ValueError: values that are no p values.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(len(values), 0, -1)
    return _back(np.maximum.accumulate(stepped), order)


def benjamini_hochberg(p: Values) -> NDArray[np.float64]:
    """(t,) p values -> (t,) adjusted ones: of those below a level no more than that share is expected to be false.

    For tests that are independent or hang together positively (Benjamini & Hochberg 1995). The largest is
    multiplied by t / t, the next by t / (t - 1) and so on; none may pass one after it or 1.

    Raises:
        ValueError: values that are no p values.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _back(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _back(stepped: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.empty(len(order))
    out[order] = np.minimum(stepped, 1)
    return out


def _checked(p: Values) -> NDArray[np.float64]:
    values = np.asarray(p, np.float64)
    if values.ndim != 1 or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"p values {values}: expected one row of numbers in 0..1")
    return values
