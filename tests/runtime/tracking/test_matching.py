from __future__ import annotations

import numpy as np

from mien.runtime.tracking.appearance import HALF
from mien.runtime.tracking.matching import CLOSE, FAR, NEAR, SIZES, costs, pairs, reach
from mien.runtime.tracking.motion import Motion

SIZE = 3 * HALF * 2


def look(axis: int) -> np.ndarray:
    """Looks of nobody else: each part points along an axis of its own."""
    out = np.zeros(SIZE)
    out[[axis, HALF + axis, 2 * HALF + axis]] = 1
    return out


def box(x: float, size: float = 40) -> np.ndarray:
    return np.array([x - size / 2, 0, x + size / 2, size], np.float32)


def test_looks_decide_between_two_who_stand_close() -> None:
    motions = [Motion.of(box(100), 0.0), Motion.of(box(110), 0.0)]
    tracks = np.array([look(0), look(1)])
    cost = costs(motions, tracks, np.array([box(110), box(100)]), np.array([look(0), look(1)]), 0.04)
    assert sorted(pairs(cost)) == [(0, 0), (1, 1)]


def test_nobody_jumps_or_changes_size() -> None:
    motions, tracks = [Motion.of(box(100), 0.0)], np.array([look(0)])
    for other in (box(100 + 40 * (NEAR + 0.3)), box(100, 42 * SIZES)):
        assert not np.isfinite(costs(motions, tracks, other[None], tracks, 0.01)).any()
    assert np.isfinite(costs(motions, tracks, box(100 + 40 * (NEAR + 0.3))[None], tracks, 0.5)).all()
    assert reach(100) == FAR


def test_who_looks_otherwise_is_let_in_only_close_to_where_expected() -> None:
    motions, tracks = [Motion.of(box(100), 0.0)], np.array([look(0)])
    near, off = (np.isfinite(costs(motions, tracks, box(100 + 40 * away)[None], look(1)[None], 1.0)).item()
                 for away in (CLOSE - 0.1, FAR - 0.1))  # fmt: skip
    assert near
    assert not off
    opposite = -tracks
    assert not np.isfinite(costs(motions, tracks, box(101)[None], opposite, 1.0)).any()


def test_who_was_lost_just_now_wins_over_who_was_lost_long_ago() -> None:
    motions = [Motion.of(box(60), 0.0), Motion.of(box(140), 0.9)]  # both as far from where somebody appears now
    cost = costs(motions, np.array([look(0), look(0)]), box(100)[None], look(0)[None], 1.0)
    assert np.isfinite(cost[0]).all()
    assert not np.isfinite(cost[1]).any()  # too far after so short a time
    cost = costs(motions, np.array([look(0), look(0)]), box(115)[None], look(0)[None], 1.0)
    assert pairs(cost) == [(1, 0)]
    cost = costs([Motion.of(box(100), 0.0), Motion.of(box(108), 0.9)], np.array([look(0), look(0)]), box(100)[None],
                 look(0)[None], 1.0)  # fmt: skip
    assert pairs(cost) == [(1, 0)]  # though the other stood right there


def test_as_many_pairs_as_possible_and_none_that_is_impossible() -> None:
    never = np.inf
    assert pairs(np.array([[0.1, 0.2], [0.2, never]])) == [(0, 1), (1, 0)]
    assert pairs(np.array([[never, never]])) == []
    assert pairs(np.zeros((0, 3))) == []
