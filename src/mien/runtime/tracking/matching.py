"""Which found face is which track: one to one, cheapest in all, and only where motion and looks allow it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.runtime.tracking.appearance import distances
from mien.runtime.tracking.motion import Motion

NEAR = 0.5
"""Heights of a face that somebody may be from where they were expected, right after they were seen."""
WIDENING = 3.0
"""By how many heights that grows for each second in which they were not seen."""
FAR = 3.0
"""Where it stops growing."""
SIZES = 2.4
"""Largest ratio of two heights of the same face: of somebody half hidden the detector sees a part, or guesses."""
CLOSE = 1.25
"""Heights within which place alone decides where looks say little, as of half faces."""
ALIKE, UNLIKE = 0.55, 1.25
"""Distances of looks (0 the same, 1 unrelated, 2 opposite) allowed at FAR, and within CLOSE."""
SURE, UNSURE = 0.4, 0.5
"""Standard deviation of somebody's place in heights of the face, right after they were seen, and what each second
in which they were not seen adds."""
LOOKS = 2.5
"""Weight of a distance of looks beside the place's negative log-likelihood."""
LINKED = 0.45
"""Largest distance of looks alone, to know somebody again after a scene cut."""


def reach(gap: float) -> float:
    """How far from the expected place somebody may be, in heights of the face, `gap` seconds after they were seen."""
    return min(NEAR + WIDENING * max(gap, 0.0), FAR)


def costs(
    motions: list[Motion], tracks: NDArray[np.float64], boxes: NDArray[np.float32], faces: NDArray[np.float64],
    time: float,
) -> NDArray[np.float64]:  # fmt: skip
    """(t, n) costs of 0 and more, infinite where a pair is out of the question.

    The negative log-likelihood of the place, a Gaussian that is the wider the longer somebody was not seen, so that
    who was lost long ago does not win over who was lost just now; and the distance of looks.

    Args:
        motions, tracks: of the t tracks, and their looks (t, d).
        boxes, faces: of the n faces: (n, 4) pixels and their looks (n, d).
        time: now, in seconds.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]).astype(np.float64) / 2
    heights = np.maximum((boxes[:, 3] - boxes[:, 1]).astype(np.float64), 1.0)
    expected = np.array([motion.centre(time) for motion in motions]).reshape(-1, 2)
    known = np.maximum(np.array([motion.height for motion in motions]), 1.0)
    gaps = np.array([max(time - motion.time, 0.0) for motion in motions])
    allowed = np.array([reach(gap) for gap in gaps])
    away = np.linalg.norm(expected[:, None] - centres[None], axis=2) / np.sqrt(known[:, None] * heights[None])
    looks = distances(tracks, faces)
    ratio = known[:, None] / heights[None]
    possible = (away <= allowed[:, None]) & (np.maximum(ratio, 1 / ratio) <= SIZES)
    possible &= looks <= UNLIKE - (UNLIKE - ALIKE) * ((away - CLOSE) / (FAR - CLOSE)).clip(0, 1)
    spread = (1 + UNSURE / SURE * gaps)[:, None]
    place = (away / (SURE * spread)) ** 2 / 2 + 2 * np.log(spread)
    return np.where(possible, place + LOOKS * np.maximum(looks, 0.0), np.inf)


def pairs(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column) of the least cost in all; pairs of infinite cost are left out.

    The Hungarian method as scipy has it; as many pairs as possible come before cheap ones.
    """
    if cost.size == 0 or not np.isfinite(cost).any():
        return []
    from scipy.optimize import linear_sum_assignment

    never = 1e3 * (1 + float(cost[np.isfinite(cost)].max()))
    rows, columns = linear_sum_assignment(np.where(np.isfinite(cost), cost, never))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if np.isfinite(cost[i, j])]
