"""The figure of groups: what stands in it, and bad input."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.groups import plot_groups

pytest.importorskip("matplotlib")

AGE = [("old", 1200, 60.0, (57, 63)), ("young", 90, 70.0, (60, 79))]


def test_groups_are_named_with_their_faces(tmp_path: Path) -> None:
    plot_groups({"age": AGE, "camera": AGE[:1], "none": []}, tmp_path / "g.svg", overall=62, title="By group")
    text = (tmp_path / "g.svg").read_text()
    for word in ("age", "old (1,200)", "young (90)", "camera", "By group"):
        assert word in text
    assert ">none<" not in text
    plot_groups({"age": AGE}, tmp_path / "g.png")
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_told(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no groups"):
        plot_groups({"age": []}, tmp_path / "g.svg")
