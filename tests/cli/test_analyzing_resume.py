from __future__ import annotations

import os
from pathlib import Path

import pytest

from mien.cli.analyzing_resume import Checkpoint, Progress, inputs_as_they_are, inputs_named
from mien.errors import MienError


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    point = Checkpoint(tmp_path / "t.csv", {"--every": 1})
    assert point.load() == Progress()
    progress = Progress(3, 1, {"position": {"number": 8}}, {"offset": 100}, {"faces": 9})
    point.save(progress)
    assert Checkpoint(tmp_path / "t.csv", {"--every": 1}).load() == progress
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv.resume"]
    point.remove()
    point.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_broken_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv.resume").write_text("{")
    with pytest.raises(MienError, match=r"t\.csv\.resume: cannot be read"):
        Checkpoint(tmp_path / "t.csv", {}).load()


def test_inputs_are_told_apart_by_name_and_by_what_they_are(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    before = inputs_named([a, b]), inputs_as_they_are([a, b])
    assert inputs_named([b, a]) != before[0]
    os.utime(a, ns=(5, 5))
    assert inputs_named([a, b]) == before[0]
    assert inputs_as_they_are([a, b]) != before[1]
