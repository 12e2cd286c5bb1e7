from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mien.errors import MienError
from mien.lab.train.recipe_file import literal, read_recipe
from mien.lab.tune.space import Choices, Range, Space

SPACE = {
    "train.lr": {"low": 1e-5, "high": 1e-2, "log": True},
    "train.batch": [32, 64],
    "data.drop": [[], ["disgust"]],
    "model": {"options": {"hidden": {"low": 70, "high": 140, "step": 35}}},
}


def test_draws_and_gives_back_what_a_recipe_takes(study: Any) -> None:
    space = Space.of(SPACE, "here")
    trial = study.ask()
    params = space.suggest(trial)
    assert list(params) == ["train.lr", "train.batch", "data.drop", "model.options.hidden"]
    assert 1e-5 <= params["train.lr"] <= 1e-2
    assert params["model.options.hidden"] in (70, 105, 140)
    assert params == trial.params
    overrides = dict(text.split("=", 1) for text in space.overrides({**params, "data.drop": '["disgust"]'}))
    assert overrides["data.drop"] == '["disgust"]'
    assert float(overrides["train.lr"]) == params["train.lr"]


def test_a_grid_holds_every_combination_once() -> None:
    space = Space.of({k: v for k, v in SPACE.items() if k != "train.lr"}, "here")
    grid = space.grid("here")
    assert len(grid) == 2 * 2 * 3
    assert len({tuple(point.items()) for point in grid}) == 12
    assert grid[0] == {"train.batch": 32, "data.drop": "[]", "model.options.hidden": 70}


def test_points_of_ranges() -> None:
    assert Range(1, 4).points() == (1, 2, 3, 4)
    assert Range(0.0, 0.3, step=0.1).points() == pytest.approx((0, 0.1, 0.2, 0.3))
    assert Range(0.0, 1.0).points() == Range(1, 9, log=True).points() == ()


def test_probes_are_every_choice_and_both_ends() -> None:
    assert set(Space.of(SPACE, "here").probes()) == {
        "train.lr=1e-05", "train.lr=0.01", "train.batch=32", "train.batch=64",
        "data.drop=[]", 'data.drop=["disgust"]', "model.options.hidden=70", "model.options.hidden=140",
    }  # fmt: skip


@pytest.mark.parametrize("value", [True, 3, 1e-5, 'a "b" é', [1, ["x"]], {"a b": [0.5]}, []])
def test_literals_are_toml(value: Any) -> None:
    assert tomllib.loads(f"v = {literal(value)}")["v"] == value


def test_a_choice_finds_its_value_back() -> None:
    choices = Choices(([], ["a"], "a", 1))
    assert [choices.value(label) for label in choices.labels] == [[], ["a"], "a", 1]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "nothing to search"),
        ({"train.lr": 3}, "expected a list of choices"),
        ({"train.lr": []}, "expected a list of choices"),
        ({"train.lr": [1, 2, 1]}, "twice"),
        ({"train.lr": {"low": 1}}, "needs low and high"),
        ({"train.lr": {"low": 1, "high": 2, "lgo": True}}, "unknown lgo"),
        ({"train.lr": {"low": 2, "high": 1}}, "is not below"),
        ({"train.lr": {"low": 0, "high": 1, "log": True}}, "low above 0"),
        ({"train.lr": {"low": "a", "high": 1}}, "finite numbers"),
        ({"train.lr": {"low": 1, "high": 2, "step": 0}}, "step must be above 0"),
    ],
)
def test_what_is_no_space(table: dict[str, Any], message: str) -> None:
    with pytest.raises(MienError, match=message):
        Space.of(table, "here")


def test_a_grid_needs_steps() -> None:
    with pytest.raises(MienError, match=r"train\.lr is a range without steps"):
        Space.of(SPACE, "here").grid("here")


@pytest.mark.parametrize("path", [*sorted(Path("recipes/sweeps").glob("*.toml")), Path("recipes/study-small.toml")])
def test_the_recipes_of_searches_can_be_run(path: Path) -> None:
    recipe = read_recipe(path)
    space = Space.of(recipe.tune.space, str(path))
    for probe in space.probes():
        read_recipe(path, [probe])
    points = {"oshea-lr": 10, "optimisers": 27, "batch-width": 12, "leave-one-out": 8}
    if recipe.tune.sampler == "grid":
        assert len(space.grid(str(path))) == points[path.stem]
