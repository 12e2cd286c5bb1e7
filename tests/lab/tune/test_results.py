from __future__ import annotations

import csv
from pathlib import Path

from tests.lab.tune.conftest import FakeTrainer

from mien.lab.train.recipe_file import read_recipe
from mien.lab.tune.results import best_row, importances, trial_rows
from mien.lab.tune.search import Place, search
from mien.lab.tune.study import load_study, open_storage


def test_the_best_recipe_is_the_base_with_what_was_found(
    recipe_file: Path, tmp_path: Path, trainer: FakeTrainer
) -> None:
    out = tmp_path / "out"
    report = search(recipe_file, ["tune.train_rows=20"], Place(out), quiet=True, trainer=trainer)
    text = (out / "best.toml").read_text()
    assert "[tune]" not in text
    assert "The search drew 20 rows" in text
    best = read_recipe(out / "best.toml")
    assert best.name == "tiny-best"
    assert best.train.lr == report["best"]["params"]["train.lr"]
    assert best.train.batch == report["best"]["params"]["train.batch"]
    assert (best.data.train, best.data.validation) == ("Training", "Validation")
    assert best.heads == read_recipe(recipe_file).heads
    lowest = min(report["rows"], key=lambda row: abs(row["params"]["train.lr"] - 0.01))
    assert report["best"]["trial"] == lowest["trial"]
    with (out / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == [str(i) for i in range(6)]
    assert {"state", "value", "train.lr", "train.batch", "val_recall_anger", "folder"} <= rows[0].keys()
    assert set(report["importance"]) == {"train.lr", "train.batch"}
    assert report["importance"]["train.lr"] > 0.5  # the fake score depends on nothing else


def test_a_pruned_trial_is_never_the_best() -> None:
    rows = [{"state": "pruned", "value": 9.0}, {"state": "complete", "value": 3.0}, {"state": "complete", "value": 2.0}]
    assert best_row(rows, "maximize") == rows[1]
    assert best_row(rows, "minimize") == rows[2]
    assert best_row(rows[:1], "maximize") is None


def test_too_few_trials_say_so(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    report = search(recipe_file, ["tune.trials=2"], Place(tmp_path / "out"), quiet=True, trainer=trainer)
    assert report["importance"] == {}
    assert report["importance_left_out"] == "2 completed trials; importances need 4"
    study = load_study(open_storage(str(tmp_path / "out" / "journal.log")), "tiny", "here")
    assert importances(study)[0] == {}
    assert [row["folder"] for row in trial_rows(study, tmp_path / "out")] == ["trials/0000", "trials/0001"]
    assert trial_rows(study, tmp_path)[0]["folder"] == str(tmp_path / "out" / "trials" / "0000")
