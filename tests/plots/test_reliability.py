"""The reliability diagram draws each table's points where they belong and says its calibration error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots import reliability as module
from mien.plots.reliability import plot_reliability
from mien.score.calibration import Reliability, expected_calibration_error, reliability

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 3, 300)
LOGITS = RANDOM.normal(size=(300, 3)) + 1.5 * np.eye(3)[TARGETS]


def probabilities(sharpness: float) -> Any:
    odds = np.exp(sharpness * LOGITS)
    return odds / odds.sum(axis=1, keepdims=True)


def test_names_and_errors_stand_in_it(tmp_path: Path) -> None:
    tables = {name: reliability(TARGETS, probabilities(s)) for name, s in (("before", 3.0), ("after", 1.0))}
    plot_reliability(tables, tmp_path / "r.svg", title="a model on PublicTest")
    text = (tmp_path / "r.svg").read_text(encoding="utf-8")
    for name, sharpness in (("before", 3.0), ("after", 1.0)):
        assert f">{name}: ECE {expected_calibration_error(TARGETS, probabilities(sharpness)):.1f} %<" in text
    assert ">a model on PublicTest<" in text
    assert "nan" not in text


def test_points_stand_at_confidence_and_accuracy_with_wilsons_interval_and_empty_bins_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import contextmanager

    seen = []

    @contextmanager
    def kept(*args: Any) -> Any:
        with module_drawn(*args) as figure:
            yield figure
            seen.append(figure)

    module_drawn = module.drawn
    monkeypatch.setattr(module, "drawn", kept)
    nan = np.nan
    table = Reliability(np.array([0, 0.5, 1]), np.array([nan, 80.0]), np.array([nan, 50.0]), np.array([0, 10]))
    plot_reliability({"one": table}, tmp_path / "r.png")
    top, below = seen[0].axes
    (container,) = top.containers
    line, _, (bars,) = container.lines
    assert line.get_xydata().tolist() == [[80, 50]]
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [23.659, 76.341], atol=1e-3)  # 5 of 10
    assert below.patches[0].get_data().values.tolist() == [0, 100]


def test_without_rows_there_is_nothing_to_draw(tmp_path: Path) -> None:
    empty = Reliability(np.array([0, 1.0]), np.array([np.nan]), np.array([np.nan]), np.array([0]))
    for tables in ({}, {"a": empty}):
        with pytest.raises(MienError, match="no rows"):
            plot_reliability(tables, tmp_path / "r.png")
    assert not (tmp_path / "r.png").exists()
