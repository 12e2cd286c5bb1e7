"""Broken rows in one line."""

from __future__ import annotations

import pytest

from mien.datasets.broken_rows import BrokenRows
from mien.errors import MienError


def test_nothing_broken() -> None:
    BrokenRows("a.csv").check()


def test_the_first_is_named_and_the_others_counted() -> None:
    broken = BrokenRows("a.csv", "get another")
    broken.add(7, "late", 9)
    broken.add(3, "early", 5)
    broken.add(3, "early, and for another reason", 5)
    assert len(broken) == 2
    assert 3 in broken
    assert 4 not in broken
    with pytest.raises(MienError) as caught:
        broken.check()
    assert str(caught.value) == "a.csv: row 3 (line 5): early; 1 more broken row: get another"


def test_a_row_without_a_line() -> None:
    broken = BrokenRows("a.parquet", "get another")
    broken.add(0, "bad")
    with pytest.raises(MienError) as caught:
        broken.check()
    assert str(caught.value) == "a.parquet: row 0: bad: get another"
