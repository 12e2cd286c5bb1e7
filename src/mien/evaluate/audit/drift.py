"""How splits differ in what they hold: shares of the classes, brightness and contrast."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.audit.finding import label_name

Floats = NDArray[np.float64]


def drift(
    labels: NDArray[np.int64], brightness: Floats, contrast: Floats, split: NDArray[np.str_]
) -> dict[str, Any] | None:
    """Class shares and light by split, with tests of whether the splits could be draws from one set.

    Args:
        labels: (n,) positions in EMOTIONS, -1 for none.
        brightness, contrast: (n,) mean and standard deviation of each picture's pixels, 0..1.
        split: (n,) names.

    Returns:
        None where the set has a single split.
    """
    names = [str(name) for name in np.unique(split)]
    if len(names) < 2:
        return None
    rows = {name: split == name for name in names}
    light = {measure: _light(values, rows) for measure, values in (("brightness", brightness), ("contrast", contrast))}
    return {"classes": _classes(labels, rows), **light}


def _classes(labels: NDArray[np.int64], rows: dict[str, NDArray[np.bool_]]) -> dict[str, Any]:
    """Shares in per cent; Pearson's chi-squared over splits and classes with Cramer's V; Jensen-Shannon by pair."""
    from scipy.stats import chi2_contingency

    classes = np.unique(labels[labels >= 0])
    counts = np.array([[(labels[mine] == k).sum() for k in classes] for mine in rows.values()], np.int64)
    counts = counts.reshape(len(rows), len(classes))
    filled = [(name, row) for name, row in zip(rows, counts, strict=True) if row.any()]
    shares = {name: row / row.sum() for name, row in filled}
    out: dict[str, Any] = {
        "shares": {
            name: {label_name(k): round(100 * float(s), 2) for k, s in zip(classes, share, strict=True)}
            for name, share in shares.items()
        }
    }
    if len(filled) < 2 or len(classes) < 2:
        return out
    table = np.array([row for _, row in filled])
    chi2, p, freedom, _ = chi2_contingency(table, correction=False)
    v = np.sqrt(chi2 / (table.sum() * (min(table.shape) - 1)))
    pairs = [
        {"splits": [a, b], "jensen_shannon": round(_jensen_shannon(shares[a], shares[b]), 6)}
        for a, b in combinations(shares, 2)
    ]
    test = {
        "chi_squared": round(float(chi2), 3),
        "degrees": int(freedom),
        "p": float(p),
        "cramers_v": round(float(v), 4),
    }
    return out | test | {"pairs": pairs}


def _jensen_shannon(p: Floats, q: Floats) -> float:
    """The divergence in bits, 0..1 (Lin 1991)."""
    middle = (p + q) / 2

    def from_middle(x: Floats) -> float:
        there = x > 0
        return float((x[there] * np.log2(x[there] / middle[there])).sum())

    return (from_middle(p) + from_middle(q)) / 2


def _light(values: Floats, rows: dict[str, NDArray[np.bool_]]) -> dict[str, Any]:
    """Mean and standard deviation by split, and the two-sample Kolmogorov-Smirnov distance of each pair."""
    from scipy.stats import ks_2samp

    splits = {
        name: {"mean": round(float(values[mine].mean()), 4), "sd": round(float(values[mine].std()), 4)}
        for name, mine in rows.items()
    }
    pairs = []
    for a, b in combinations(rows, 2):
        found = ks_2samp(values[rows[a]], values[rows[b]], method="asymp")
        pairs.append({"splits": [a, b], "ks": round(float(found.statistic), 4), "p": float(found.pvalue)})
    return {"splits": splits, "pairs": pairs}
