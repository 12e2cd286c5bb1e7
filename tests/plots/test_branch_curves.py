from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.branch_curves import plot_branches

ROWS = [
    {"branch": 1, "epoch": 1, "val_top1_branch_1": 40.0, "val_top1_mean": 40.0},
    {"branch": 1, "epoch": 2, "val_top1_branch_1": 45.0, "val_top1_mean": 45.0},
    {"branch": 2, "epoch": 1, "val_top1_branch_1": 46.0, "val_top1_branch_2": 35.0, "val_top1_mean": 44.0},
    {"branch": 2, "epoch": 2, "train_loss": 1.0},  # not validated
    {"branch": 2, "epoch": 3, "val_top1_branch_1": "47", "val_top1_branch_2": "46", "val_top1_mean": "49"},
]


def test_branches_and_the_ensemble_are_drawn_by_name(tmp_path: Path) -> None:
    path = tmp_path / "branches.svg"
    plot_branches({"ESR-2": ROWS, "ESR*-2": ROWS[:3]}, path, title="two runs")
    text = path.read_text(encoding="utf-8")
    for word in ("ESR-2", "ESR*-2", "two runs", "ensemble", "right on validation, %"):
        assert f">{word}<" in text
    assert text.count(">2<") >= 2  # the second branch is named at its end


def test_affect_has_branches_without_an_ensemble(tmp_path: Path) -> None:
    rows = [{"branch": 1, "epoch": k, "val_rmse_branch_1": 0.5 / k} for k in (1, 2)]
    plot_branches({"affect": rows}, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ">RMSE on validation<" in text
    assert "ensemble" not in text


def test_a_log_without_branches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no branches in the log"):
        plot_branches({"x": [{"epoch": 1, "val_top1": 3.0}]}, tmp_path / "a.png")
