"""One trial's epochs, told to the study as they come."""

from __future__ import annotations

import csv
import math
import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.errors import MienError

if TYPE_CHECKING:
    from optuna import Trial


class SearchError(MienError):
    """What no trial can succeed with, such as a metric that the log does not have: the search ends."""


class Follower:
    """Reports the metric, keeps the best epoch's row, and ends a run that the pruner gives up."""

    def __init__(self, trial: Trial, metric: str, direction: str, epochs: int) -> None:
        self.trial, self.metric, self.last = trial, metric, epochs
        self.sign = 1 if direction == "maximize" else -1
        self.best: dict[str, float] = {}
        self.epochs: dict[int, float] = {}  # epoch -> its seconds

    @property
    def value(self) -> float:
        """The metric at its best epoch; NaN before there is one."""
        return self.best.get(self.metric, math.nan)

    def replay(self, log: Path) -> None:
        """Tell what an earlier attempt had finished; a kill may have left it just before it would be pruned."""
        if log.exists():
            with log.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self._report(row)
            self._prune()

    def __call__(self, row: Mapping[str, Any]) -> None:
        """After each saved epoch.

        Raises:
            TrialPruned: the pruner gives the trial up.
            KeyboardInterrupt: the process that started this worker is gone.
            SearchError: the metric is no column of the log.
        """
        self._report(row)
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            raise KeyboardInterrupt
        self._prune()

    def attributes(self) -> dict[str, Any]:
        """What the trial keeps of its run."""
        recalls = {k: v for k, v in self.best.items() if k.startswith("val_recall_")}
        return {
            "epochs": len(self.epochs),
            "best_epoch": int(self.best.get("epoch", 0)),
            "best_value": self.value if math.isfinite(self.value) else None,
            "seconds": round(sum(self.epochs.values()), 1),
            "recalls": recalls,
            "row": self.best,
        }

    def _report(self, row: Mapping[str, Any]) -> None:
        if self.metric not in row and any(key.startswith("val_") for key in row):  # else not validated
            raise SearchError(f"tune.metric = {self.metric!r} is no column of log.csv: {', '.join(row)}")
        numbers = {key: number for key, text in row.items() if math.isfinite(number := _number(text))}
        epoch = int(numbers["epoch"])
        if epoch in self.epochs:  # replayed, and run once more: the kill came between log and state
            return
        self.epochs[epoch] = numbers.get("seconds", 0.0)
        value = numbers.get(self.metric)
        if value is None:
            return
        if not self.best or self.sign * value > self.sign * self.value:
            self.best = numbers
        self.trial.report(value, epoch)

    def _prune(self) -> None:
        from optuna import TrialPruned

        if max(self.epochs, default=0) < self.last and self.trial.should_prune():  # a finished run is kept
            raise TrialPruned


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
