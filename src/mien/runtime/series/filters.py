"""Four filters over time, not over rows: unevenly spaced samples in, as many out.

Each takes times (n,) in seconds, ascending, values (n, k) without NaN, and a width in seconds, and gives (n, k).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Filter = Callable[[Numbers, Numbers, float], Numbers]

REACH = 4.0
"""The Gaussian is cut off at so many standard deviations, as scipy.ndimage does."""
DEGREE = 2
"""Of Savgol's polynomial."""
_NEAR = 1e-9


def exponential(times: Numbers, values: Numbers, width: float) -> Numbers:
    """A causal filter with the time constant `width`: y += (1 - exp(-dt / width)) (x - y), from the first sample on."""
    out = np.array(values, np.float64)
    share = -np.expm1(-np.diff(times) / width)
    for i, weight in enumerate(share.tolist(), 1):
        out[i] = out[i - 1] + weight * (values[i] - out[i - 1])
    return out


def gaussian(times: Numbers, values: Numbers, width: float) -> Numbers:
    """A centred mean with Gaussian weights of standard deviation `width`, each sample weighing by its time too."""
    own = cells(times)
    out = np.empty_like(values, np.float64)
    for i, (start, end) in enumerate(_windows(times, REACH * width)):
        weights = np.exp(-0.5 * ((times[start:end] - times[i]) / width) ** 2) * own[start:end]
        out[i] = weights @ values[start:end] / weights.sum()
    return out


def median(times: Numbers, values: Numbers, width: float) -> Numbers:
    """The centred median of a window `width` seconds long, samples weighing by their time."""
    own = cells(times)
    out = np.empty_like(values, np.float64)
    for i, (start, end) in enumerate(_windows(times, width / 2)):
        part = values[start:end]
        order = np.argsort(part, axis=0, kind="stable")
        ranked = np.take_along_axis(part, order, axis=0)
        reached = np.cumsum(own[start:end][order], axis=0)
        half = reached[-1] / 2
        low = np.argmax(reached >= half * (1 - _NEAR), axis=0)
        high = np.argmax(reached > half * (1 + _NEAR), axis=0)  # another sample only where half falls between two
        columns = np.arange(part.shape[1])
        out[i] = (ranked[low, columns] + ranked[high, columns]) / 2
    return out


def savgol(times: Numbers, values: Numbers, width: float) -> Numbers:
    """Savitzky and Golay 1964: the value of a parabola fitted to a window `width` seconds long.

    Fitted by least squares to the samples' own times, so that they may be uneven; on even ones it is
    scipy.signal.savgol_filter. At the ends of a stretch the window is what there is.
    """
    out = np.empty_like(values, np.float64)
    half = width / 2
    for i, (start, end) in enumerate(_windows(times, half)):
        away = (times[start:end] - times[i]) / half
        degree = min(DEGREE, end - start - 1)
        out[i] = np.linalg.pinv(np.vander(away, degree + 1, increasing=True))[0] @ values[start:end]
    return out


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {"exp": exponential, "gauss": gaussian, "median": median, "savgol": savgol}
)


def cells(times: Numbers) -> Numbers:
    """(n,) seconds that each sample stands for: half the way to both neighbours, at the ends the whole way to one."""
    if len(times) < 2:
        return np.ones(len(times))
    steps = np.diff(times)
    return np.concatenate([steps[:1], (steps[:-1] + steps[1:]) / 2, steps[-1:]])


def _windows(times: Numbers, reach: float) -> list[tuple[int, int]]:
    reach *= 1 + _NEAR  # a sample at the very edge belongs to both sides or to none
    first = np.searchsorted(times, times - reach - _NEAR, "left")
    last = np.searchsorted(times, times + reach + _NEAR, "right")
    return list(zip(first.tolist(), last.tolist(), strict=True))
