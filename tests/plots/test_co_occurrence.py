"""Units that are shown together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.plots.co_occurrence import plot_co_occurrence


def test_shares_and_counts_are_told_and_nan_stays_blank(tmp_path: Path) -> None:
    shares = np.array([[30.4, 88.2], [np.nan, 0.0]])
    both = np.array([[1234, 25600], [0, 1_500_000]])
    plot_co_occurrence(["AU06", "AU12"], shares, both, tmp_path / "c.svg", title="mine")
    text = (tmp_path / "c.svg").read_text(encoding="utf-8")
    for word in ("30", "1,234", "88", "26k", "1.5M", "AU12", "mine", "rows that show ..."):
        assert word in text
    assert "nan" not in text.lower()


def test_shapes_must_fit(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shares \(1, 2\) and both \(2, 2\) for 2 units"):
        plot_co_occurrence(["AU06", "AU12"], np.zeros((1, 2)), np.zeros((2, 2)), tmp_path / "c.png")
