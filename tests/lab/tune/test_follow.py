from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import optuna
import pytest

from mien.lab.tune.follow import Follower, SearchError


def test_keeps_the_best_epoch_and_its_recalls(study: Any) -> None:
    follower = Follower(study.ask(), "val_top1", "maximize", 9)
    for epoch, value in enumerate((40.0, 60.0, math.nan, 55.0), 1):
        follower({"epoch": epoch, "val_top1": value, "val_recall_anger": value + 1, "seconds": 1.5, "note": "x"})
    kept = follower.attributes()
    assert (kept["best_value"], kept["best_epoch"], kept["epochs"], kept["seconds"]) == (60.0, 2, 4, 6.0)
    assert kept["recalls"] == {"val_recall_anger": 61.0}
    assert study.trials[0].intermediate_values == {1: 40.0, 2: 60.0, 4: 55.0}


def test_a_loss_is_best_when_low(study: Any) -> None:
    follower = Follower(study.ask(), "val_loss", "minimize", 9)
    for epoch, value in enumerate((3.0, 1.0, 2.0), 1):
        follower({"epoch": epoch, "val_loss": value})
    assert follower.value == 1.0


def test_replays_what_was_finished_and_takes_an_epoch_once(study: Any, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,val_top1,seconds\n1,30,2\n2,50,2\n")
    follower = Follower(study.ask(), "val_top1", "maximize", 9)
    follower.replay(tmp_path / "nowhere.csv")
    follower.replay(log)
    follower({"epoch": 2, "val_top1": 50.0, "seconds": 2.0})
    follower({"epoch": 3, "val_top1": 40.0, "seconds": 2.0})
    assert study.trials[0].intermediate_values == {1: 30.0, 2: 50.0, 3: 40.0}
    assert (follower.value, follower.attributes()["seconds"]) == (50.0, 6.0)


def test_a_metric_that_is_not_there_names_those_that_are(study: Any) -> None:
    with pytest.raises(SearchError, match=r"'val_top2' is no column of log\.csv: epoch, val_top1"):
        Follower(study.ask(), "val_top2", "maximize", 9)({"epoch": 1, "val_top1": 3.0})


def test_epochs_that_were_not_validated_tell_nothing(study: Any) -> None:
    follower = Follower(study.ask(), "val_top1", "maximize", 9)
    follower({"epoch": 1, "train_loss": 2.0, "seconds": 1.0})
    follower({"epoch": 2, "train_loss": 1.0, "val_top1": 30.0, "seconds": 1.0})
    assert study.trials[0].intermediate_values == {2: 30.0}
    assert (follower.attributes()["epochs"], follower.attributes()["best_epoch"]) == (2, 2)


def test_the_pruner_ends_a_run() -> None:
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.ThresholdPruner(lower=10))
    follower = Follower(study.ask(), "val_top1", "maximize", 9)
    follower({"epoch": 1, "val_top1": 20.0})
    with pytest.raises(optuna.TrialPruned):
        follower({"epoch": 2, "val_top1": 5.0})
    whole = Follower(study.ask(), "val_top1", "maximize", 2)
    whole({"epoch": 1, "val_top1": 20.0})
    whole({"epoch": 2, "val_top1": 5.0})  # nothing is left to save: the run counts as it is
