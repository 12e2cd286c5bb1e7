from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from mien.plots.search import plot_history, plot_importance, plot_slices

ROWS = [
    {"trial": 0, "state": "complete", "value": 50.0, "params": {"lr": 1e-4, "optimiser": "adam"}},
    {"trial": 1, "state": "pruned", "value": 30.0, "params": {"lr": 1e-1, "optimiser": "sgd"}},
    {"trial": 2, "state": "complete", "value": 60.0, "params": {"lr": 1e-3, "optimiser": "sgd"}},
    {"trial": 3, "state": "failed", "value": None, "params": {"lr": 1.0, "optimiser": "sgd"}},
]


def test_history_marks_every_trial_with_a_value(tmp_path: Path) -> None:
    plot_history(ROWS, tmp_path / "h.svg", metric="val_top1")
    svg = (tmp_path / "h.svg").read_text()
    assert [f'id="trial-{i}"' in svg for i in range(4)] == [True, True, True, False]
    assert "best, 60" in svg
    plot_history(ROWS, tmp_path / "h.svg", metric="val_loss", direction="minimize")
    assert "best, 50" in (tmp_path / "h.svg").read_text()


def test_importance_has_a_bar_a_key(tmp_path: Path) -> None:
    plot_importance({"train.lr": 0.75, "train.batch": 0.25}, tmp_path / "i.svg", metric="val_top1")
    svg = (tmp_path / "i.svg").read_text()
    assert all(text in svg for text in ("train.lr", "75 %", "train.batch", "25 %"))


def test_slices_take_numbers_and_words(tmp_path: Path) -> None:
    plot_slices(ROWS, tmp_path / "s.png", metric="val_top1")
    assert (tmp_path / "s.png").stat().st_size > 1000
    plot_slices([], tmp_path / "empty.png", metric="val_top1")
