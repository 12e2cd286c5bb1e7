"""Searches without training: a study in memory, and a trainer that only writes a log."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

RECIPE = """
name = "tiny"
[data]
path = "synthetic:n=40,seed=1"
validation = "Validation"
[[heads]]
labels = "synthetic"
[train]
epochs = 3
[tune]
trials = 6
pruner = "none"
[tune.space]
"train.lr" = {low = 1e-4, high = 1e-1, log = true}
"train.batch" = [16, 32]
"""


class FakeTrainer:
    """Stands for mien.lab.train.run.train: an epoch's score follows from lr, and is kept in log.csv."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, list[int]]] = []  # folder's name, the epochs that were run in it
        self.before: Callable[[int, int], None] = lambda run, epoch: None  # may raise

    def __call__(self, recipe: Any, faces: Any, folder: Path, *, resume: bool, on_epoch: Any, **_: Any) -> None:
        folder.mkdir(parents=True, exist_ok=resume)
        log = folder / "log.csv"
        rows: list[dict[str, Any]] = []
        if log.exists():
            with log.open() as file:
                rows = [dict(row) for row in csv.DictReader(file)]
        run, epochs = len(self.runs), []
        self.runs.append((folder.name, epochs))
        for epoch in range(len(rows) + 1, recipe.train.epochs + 1):
            self.before(run, epoch)
            epochs.append(epoch)
            with (folder / "epochs.txt").open("a") as file:
                file.write(f"{epoch}\n")
            recalls = {"val_recall_anger": 50.0 + epoch, "val_recall_disgust": 20.0}
            for dropped in recipe.data.drop:
                recalls[f"val_recall_{dropped}"] = float("nan")
            value = 50 + epoch - 100 * abs(recipe.train.lr - 0.01)
            rows.append({"epoch": epoch, "train_loss": 1 / epoch, "val_top1": value, "seconds": 2.0, **recalls})
            with log.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            on_epoch(rows[-1])


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture
def study() -> Any:
    """An empty study in memory that maximises."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(direction="maximize")
