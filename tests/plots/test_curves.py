"""Training curves from what a log holds, whatever that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.curves import plot_curves

ROWS = [
    {"epoch": str(i + 1), "train_loss": 2.0 - i / 4, "val_loss": 1.9 - i / 8, "val_top1": (40, 63.5, 50)[i], "lr": ""}
    for i in range(3)
]


def test_every_series_is_named_and_the_best_of_validation_told(tmp_path: Path) -> None:
    path = tmp_path / "curves.svg"
    plot_curves(ROWS, path, title="a run")
    text = path.read_text(encoding="utf-8")
    for word in ("train loss", "val loss, best 1.65 at 3", "val top1, best 63.5 at 2", "a run"):
        assert f">{word}<" in text
    assert "learning rate" not in text  # a column without numbers has no panel


def test_one_epoch_unknown_columns_and_gaps_do(tmp_path: Path) -> None:
    rows = [{"loss": 1.5, "seconds": 60, "note": "x", "val_loss": None}, {"loss": "nan", "lr": 1e-3}]
    plot_curves(rows, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").exists()


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "seconds": 3}]])
def test_nothing_to_draw_is_told(rows: list[dict[str, int]], tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no losses or accuracies"):
        plot_curves(rows, tmp_path / "curves.png")
