from __future__ import annotations

import dataclasses
import inspect
import tomllib
from typing import Any

import pytest

pytest.importorskip("torch")

from mien.lab.train import recipe
from mien.lab.train.recipe import METHODS, Recipe

SECTIONS: list[Any] = [
    kind for kind in vars(recipe).values() if dataclasses.is_dataclass(kind) and kind.__module__ == recipe.__name__
]
EXPLAINED_BY_ITS_CLASS = {"heads", *(f.name for f in dataclasses.fields(Recipe))} - {"name", "method", "init"}


def test_every_key_has_its_comment() -> None:
    """docs/training.md sends people here for them."""
    bare = []
    for kind in SECTIONS:
        lines = inspect.getsource(kind).splitlines()
        for field in dataclasses.fields(kind):
            line = next(line for line in lines if line.strip().startswith(f"{field.name}:"))
            if "#" not in line and not (kind is Recipe and field.name in EXPLAINED_BY_ITS_CLASS):
                bare.append(f"{kind.__name__}.{field.name}")
    assert set(bare) <= {"Input.std", "Train.epochs", "Tune.trials", "Tune.validation_rows"}  # plain, or said beside


def test_every_key_has_a_default_and_none_can_be_changed() -> None:
    assert Recipe() == Recipe()
    for kind in SECTIONS:
        made = kind()
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, dataclasses.fields(kind)[0].name, None)
    assert Recipe().method in METHODS


def test_defaults_can_be_written_in_toml() -> None:
    """What a recipe holds are numbers, words, lists and tables; nothing else can stand in recipe.toml."""
    from mien.lab.train.recipe_file import to_toml

    again = tomllib.loads(to_toml(Recipe()))
    assert again["train"]["lr"] == Recipe().train.lr
    assert {f.name for f in dataclasses.fields(Recipe)} == again.keys()
