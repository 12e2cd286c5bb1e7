from __future__ import annotations

import numpy as np

from mien.datasets.synthetic.order import deal, emotions_of
from mien.labels import EMOTIONS, SEVEN

ROWS = np.arange(1000, dtype=np.int64)


def test_emotions_come_evenly() -> None:
    emotion = emotions_of(0, ROWS, EMOTIONS, (1.0,) * 8)
    assert np.ptp(np.bincount(emotion)) <= 6
    assert set(emotion[:16].tolist()) == set(range(8)), "even the first few hold them all"


def test_emotions_come_in_their_shares() -> None:
    emotion = emotions_of(3, ROWS, SEVEN, (0, 1, 1, 6, 1, 1, 0))
    counts = np.bincount(emotion, minlength=8)
    assert counts[0] == counts[6] == counts[7] == 0
    assert abs(counts[3] - 600) <= 6


def test_people_are_dealt_in_shares_from_the_first_on() -> None:
    dealt = deal(100, {"Training": 0.8, "Validation": 0.1, "Test": 0.1})
    for few in (10, 50, 100):
        names, counts = np.unique(dealt[:few], return_counts=True)
        assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
            "Training": few * 8 // 10, "Validation": few // 10, "Test": few // 10,
        }  # fmt: skip


def test_a_share_of_nothing_gets_nobody() -> None:
    assert set(deal(20, {"Training": 1.0, "Test": 0.0})) == {"Training"}
