from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.image import imread

from mien.errors import MienError
from mien.plots.rates import plot_rates

RATES = np.geomspace(1e-6, 10, 50).tolist()
LOSSES = [2.0] * 20 + np.linspace(2, 1, 20).tolist() + np.geomspace(1, 1e6, 10).tolist()


def test_marks_are_drawn_with_their_rates(tmp_path: Path) -> None:
    plot_rates(RATES, LOSSES, LOSSES, {"falls fastest": 1e-3, "tenth": 2.5e-4}, tmp_path / "a.svg", title="small")
    text = (tmp_path / "a.svg").read_text()
    for words in ("small", "falls fastest: 0.001", "tenth: 0.00025", "learning rate"):
        assert words in text
    plot_rates(RATES, LOSSES, LOSSES, {}, tmp_path / "b.png")
    assert imread(tmp_path / "b.png").std() > 0


def test_a_loss_that_broke_down_does_not_flatten_the_rest(tmp_path: Path) -> None:
    plot_rates(RATES, LOSSES, LOSSES, {}, tmp_path / "a.svg")
    assert "1e6" not in (tmp_path / "a.svg").read_text()
    tame = [min(loss, 3.9) for loss in LOSSES]
    plot_rates(RATES, tame, tame, {}, tmp_path / "b.svg")
    ticks = [(tmp_path / name).read_text().count("ytick_") for name in ("a.svg", "b.svg")]
    assert ticks[0] == ticks[1]


def test_an_unknown_suffix_is_named(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="unknown kind of figure"):
        plot_rates(RATES, LOSSES, LOSSES, {}, tmp_path / "a.bmp")
