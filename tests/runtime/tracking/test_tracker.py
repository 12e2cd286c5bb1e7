from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from tests.runtime.tracking.test_matching import box, look

from mien.runtime.tracking.tracker import MEMORY, Tracker

FRAME = 1 / 25


def frames(*paths: tuple[int, list[float | None]]) -> list[tuple[NDArray[np.float32], NDArray[np.float64], list[int]]]:
    """People (axis of their looks, x of each frame or None where hidden) -> boxes, looks and who is seen."""
    out = []
    for xs in zip(*(path for _, path in paths), strict=True):
        seen = [i for i, x in enumerate(xs) if x is not None]
        boxes = np.array([box(xs[i]) for i in seen]).reshape(-1, 4).astype(np.float32)
        out.append((boxes, np.array([look(paths[i][0]) for i in seen]).reshape(len(seen), len(look(0))), seen))
    return out


def ids(tracker: Tracker, seen: list, start: float = 0.0) -> list[dict[int, int]]:
    return [
        dict(zip(who, tracker.update(boxes, looks, start + FRAME * n).tolist(), strict=True))
        for n, (boxes, looks, who) in enumerate(seen)
    ]


def test_two_who_cross_keep_their_ids() -> None:
    right: list[float | None] = [4.0 * n for n in range(60)]
    left: list[float | None] = [240 - 4.0 * n if abs(n - 30) > 4 else None for n in range(60)]  # behind
    for found in ids(Tracker(), frames((0, right), (1, left))):
        assert all(who == track for who, track in found.items())


def test_who_was_hidden_comes_back_and_who_was_away_too_long_is_new() -> None:
    for hidden, expected in ((1.0, 0), (MEMORY + 1, 1)):
        path: list[float | None] = [100.0] * 10 + [None] * round(hidden / FRAME) + [120.0] * 5
        assert ids(Tracker(), frames((0, path)))[-1] == {0: expected}


def test_ids_are_never_given_again() -> None:
    tracker = Tracker()
    for n, axis in enumerate((0, 1, 2)):
        assert tracker.update(box(400.0 * n)[None], look(axis)[None], 10.0 * n).tolist() == [n]


def test_a_cut_makes_new_ids_and_a_flash_does_not() -> None:
    tracker = Tracker()
    boxes, looks = np.array([box(0), box(100)]), np.array([look(0), look(1)])
    assert tracker.update(boxes, looks, 0).tolist() == [0, 1]
    tracker.cut()
    assert tracker.update(boxes, looks, FRAME).tolist() == [2, 3]
    tracker.cut()
    tracker.uncut()
    assert tracker.update(boxes, looks, 3 * FRAME).tolist() == [2, 3]


def test_linked_cuts_go_by_looks_alone() -> None:
    tracker = Tracker(link_cuts=True)
    tracker.update(np.array([box(0), box(100)]), np.array([look(0), look(1)]), 0)
    tracker.cut()
    boxes, looks = np.array([box(500), box(0), box(300)]), np.array([look(0), look(1), look(2)])
    assert tracker.update(boxes, looks, FRAME).tolist() == [0, 1, 2]


def test_boxes_that_were_carried_tell_where_somebody_is() -> None:
    tracker = Tracker()
    found = tracker.update(box(0)[None], look(0)[None], 0)
    for step in range(1, 5):
        tracker.carry(found, box(15.0 * step)[None], step * FRAME)
    assert tracker.update(box(75.0)[None], look(0)[None], 5 * FRAME).tolist() == [0]


def test_it_goes_on_from_its_state() -> None:
    right: list[float | None] = [4.0 * n for n in range(40)]
    left: list[float | None] = [160 - 4.0 * n if abs(n - 20) > 3 else None for n in range(40)]
    seen = frames((0, right), (1, left))
    whole = ids(Tracker(link_cuts=True), seen)
    first, second = Tracker(link_cuts=True), Tracker(link_cuts=True)
    ids(first, seen[:19])
    second.restore(json.loads(json.dumps(first.state())))
    assert ids(second, seen[19:], 19 * FRAME) == whole[19:]
