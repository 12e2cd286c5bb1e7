"""The figure of robustness: what stands in it, and bad input."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.robustness import Panel, plot_robustness

pytest.importorskip("matplotlib")


def panel(title: str) -> Panel:
    series = {"first": [70, 60, 50, 40, 30], "second": [65, 60, 55, 50, 45]}
    return Panel(title, "sigma in %", (1, 2, 3, 4.5, 6), series, {"first": [[v - 5, v + 5] for v in series["first"]]})


def test_every_panel_level_and_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.svg"
    plot_robustness([panel(f"way {i}") for i in range(7)], {"first": 72.0, "second": 66.0}, path, title="Robust")
    text = path.read_text()
    for word in ("way 0", "way 6", "4.5", "first", "second", "sigma in %", "Robust"):
        assert word in text


def test_one_model_needs_no_legend(tmp_path: Path) -> None:
    one = Panel("blur", "", (1, 2), {"lone model": [50, 40]}, {})
    plot_robustness([one], {"lone model": 60}, tmp_path / "r.svg")
    assert "lone model" not in (tmp_path / "r.svg").read_text()
    plot_robustness([one], {}, tmp_path / "r.png")
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_told(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no corruptions"):
        plot_robustness([], {}, tmp_path / "r.svg")
    with pytest.raises(MienError, match="unknown kind of figure"):
        plot_robustness([panel("a")], {}, tmp_path / "r.bmp")
