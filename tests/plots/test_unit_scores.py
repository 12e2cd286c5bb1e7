"""A bar and an interval for each unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.unit_scores import plot_unit_scores

NAN = float("nan")
ROWS = [("AU06", 1234, 60.0, (55.0, 65.0)), ("AU20", 0, NAN, (NAN, NAN))]


def test_units_are_named_with_their_faces(tmp_path: Path) -> None:
    plot_unit_scores(ROWS, tmp_path / "u.svg", title="a set")
    text = (tmp_path / "u.svg").read_text(encoding="utf-8")
    for word in ("AU06 cheek raiser (1,234)", "AU20 lip stretcher (0)", "no face shows it", "F1, %", "a set", ">100<"):
        assert word in text


def test_scores_below_nothing_widen_the_axis(tmp_path: Path) -> None:
    plot_unit_scores([("AU06", 9, -0.2, (-0.4, 0.1))], tmp_path / "u.svg", score="ICC(3,1)", whole=1)
    text = (tmp_path / "u.svg").read_text(encoding="utf-8")
    assert "ICC(3,1)" in text
    assert "\N{MINUS SIGN}0.4" in text


def test_an_interval_without_ends_is_no_interval(tmp_path: Path) -> None:
    plot_unit_scores([("AU06", 3, 50.0, (NAN, NAN))], tmp_path / "u.png")
    assert (tmp_path / "u.png").stat().st_size > 0


def test_nothing_and_unknown_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no units to draw"):
        plot_unit_scores([], tmp_path / "u.png")
    with pytest.raises(MienError, match=r"u\.gif"):
        plot_unit_scores(ROWS, tmp_path / "u.gif")
