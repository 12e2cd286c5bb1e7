"""One figure of several seeds."""

from __future__ import annotations

from typing import Any

from mien.score.intervals import wilson


def over_seeds(counts: list[int], n: int) -> dict[str, Any]:
    """Percentages of n test faces from each seed's right ones; the interval is Wilson's for the mean count."""
    mean = sum(counts) / len(counts)
    low, high = wilson(round(mean), n)
    return {
        "n": n,
        "top1": round(100 * mean / n, 2),
        "top1_ci95": [round(low, 2), round(high, 2)],
        "top1_by_seed": [round(100 * count / n, 2) for count in counts],
    }
