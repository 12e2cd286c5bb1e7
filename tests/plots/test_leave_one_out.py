from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from mien.plots.leave_one_out import plot_leave_one_out

TABLE: list[dict[str, Any]] = [
    {"left_out": "nothing", "anger": 50.0, "fear": 40.0, "rest": 45.0, "rest_before": 45.0,
     "change_anger": 0.0, "change_fear": 0.0},
    {"left_out": "fear", "anger": 53.0, "rest": 53.0, "rest_before": 50.0, "change_anger": 3.0},
]  # fmt: skip


def test_changes_are_written_and_what_was_left_out_stays_blank(tmp_path: Path) -> None:
    plot_leave_one_out(TABLE, tmp_path / "l.svg")
    svg = (tmp_path / "l.svg").read_text()
    assert svg.count("+3.0") == 2  # the emotion and the mean
    assert "percentage points" in svg
    assert "nothing" not in svg


def test_without_a_whole_run_the_recalls_are_drawn(tmp_path: Path) -> None:
    plot_leave_one_out([{"left_out": "fear", "anger": 53.0, "rest": 53.0}], tmp_path / "l.svg")
    assert "recall, %" in (tmp_path / "l.svg").read_text()
