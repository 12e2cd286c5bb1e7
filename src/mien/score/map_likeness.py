"""How alike two heat maps are: rank correlation and structural similarity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
_K1, _K2 = 0.01, 0.03


def rank_correlation(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Spearman's rank correlation of the cells of each pair of maps, ties sharing their mean rank.

    Args:
        first, second: (n, h, w).

    Returns:
        (n,) in -1..1; NaN where a map is flat.
    """
    from scipy.stats import rankdata

    a, b = (rankdata(np.asarray(m, np.float64).reshape(len(m), -1), axis=1) for m in (first, second))
    a, b = (m - m.mean(axis=1, keepdims=True) for m in (a, b))
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.asarray(np.divide((a * b).sum(axis=1), size, out=np.full(len(a), np.nan), where=size > 0))


def ssim(first: Floats, second: Floats, sigma: float = 1.5) -> NDArray[np.float64]:
    """Wang et al. 2004, eq. 13, each map scaled to 0..1 before; a Gaussian window of 11 cells.

    Args:
        first, second: (n, h, w), h and w 11 or more: enlarge coarse maps before.

    Returns:
        (n,) mean over the windows that lie within the map, at most 1.
    """
    from scipy.ndimage import gaussian_filter

    a, b = _scaled(first), _scaled(second)
    reach = 5

    def mean(m: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(m, (0, sigma, sigma), truncate=(reach + 0.4) / sigma))

    mu_a, mu_b = mean(a), mean(b)
    var_a, var_b, both = mean(a * a) - mu_a**2, mean(b * b) - mu_b**2, mean(a * b) - mu_a * mu_b
    over = (2 * mu_a * mu_b + _K1**2) * (2 * both + _K2**2)
    likeness = over / ((mu_a**2 + mu_b**2 + _K1**2) * (var_a + var_b + _K2**2))
    return np.asarray(likeness[:, reach:-reach, reach:-reach].mean(axis=(1, 2)))


def _scaled(maps: Floats) -> NDArray[np.float64]:
    m = np.asarray(maps, np.float64)
    low, high = m.min(axis=(1, 2), keepdims=True), m.max(axis=(1, 2), keepdims=True)
    return np.asarray((m - low) / np.where(high > low, high - low, 1))
