from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.lab.train.recipe_file import read_recipe
from mien.lab.tune.study import create_study, hold_data, load_study, make_sampler, open_storage, plan, shown


@pytest.mark.parametrize("kind", ["journal.log", "sqlite"])
def test_a_study_is_found_again_and_planned_once(kind: str, tmp_path: Path, recipe_file: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db" if kind == "sqlite" else str(tmp_path / kind)
    recipe = read_recipe(recipe_file)
    study = create_study(open_storage(url), "s", recipe)
    assert plan(study, recipe.tune, "here") == 6
    again = create_study(open_storage(url), "s", read_recipe(recipe_file, ["tune.trials=8", "data.path=elsewhere"]))
    assert plan(again, read_recipe(recipe_file, ["tune.trials=8"]).tune, "here") == 8
    assert len(load_study(open_storage(url), "", url).trials) == 8
    with pytest.raises(MienError, match=r"8 trials planned already; go on with --trials 8"):
        plan(again, recipe.tune, "here")


def test_another_recipe_is_another_study(tmp_path: Path, recipe_file: Path) -> None:
    storage = open_storage(str(tmp_path / "j.log"))
    study = create_study(storage, "s", read_recipe(recipe_file))
    with pytest.raises(MienError, match=r"begun with another recipe \(epochs = 3, now epochs = 4\)"):
        create_study(storage, "s", read_recipe(recipe_file, ["train.epochs=4"]))
    hold_data(study, "abc")
    hold_data(study, "abc")
    with pytest.raises(MienError, match="begun on other faces"):
        hold_data(study, "abd")
    with pytest.raises(MienError, match="no study 'x'; it holds s"):
        load_study(storage, "x", "here")


def test_a_slot_draws_alike_in_any_worker_and_slots_differ(recipe_file: Path) -> None:
    import optuna

    def draws(slot: int) -> float:
        study = optuna.create_study()
        trial = study.ask()
        study.sampler = make_sampler("tpe", 0, slot)
        return trial.suggest_float("x", 0, 1)

    assert draws(1) == draws(1) != draws(2)


def test_passwords_stay_hidden() -> None:
    pytest.importorskip("sqlalchemy")
    assert shown("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"
    assert shown("j.log") == "j.log"


def test_a_storage_that_cannot_be_opened_is_one_line() -> None:
    with pytest.raises(MienError, match="cannot be opened") as caught:
        open_storage("nosuchdatabase://me:secret@host/db")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
