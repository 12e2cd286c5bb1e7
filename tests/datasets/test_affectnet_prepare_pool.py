"""Batches over processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.datasets.affectnet_miniature import portrait

from mien.datasets.affectnet_prepare_picture import MADE, MISSING, Batch, Face
from mien.datasets.affectnet_prepare_pool import outcomes
from mien.errors import MienError


def batches(root: Path, n: int) -> Iterator[Batch]:
    for i in range(n):
        faces = [Face("a.jpg", f"0/{i}.jpg", (90, 20, 120, 80)), Face(f"none{i}.jpg", f"0/{i}b.jpg", None)]
        yield Batch((str(root),), str(root / "out"), 32, False, faces)


@pytest.mark.parametrize("workers", [1, 2])
def test_outcomes_in_order_and_errors_as_they_are(workers: int, tmp_path: Path) -> None:
    portrait(tmp_path / "a.jpg")
    found = list(outcomes(batches(tmp_path, 9), workers))
    assert [[one.word for one in part] for part in found] == [[MADE, MISSING]] * 9
    (tmp_path / "other").mkdir()
    portrait(tmp_path / "other" / "a.jpg")
    (tmp_path / "other" / "out").touch()
    with pytest.raises(MienError, match="Not a directory"):
        list(outcomes(batches(tmp_path / "other", 9), workers))


def test_a_process_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.datasets.affectnet_prepare_pool._begin", sys.exit)
    with pytest.raises(MienError, match="worker processes have ended"):
        list(outcomes(batches(tmp_path, 9), 2))
