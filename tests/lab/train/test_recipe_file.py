from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe, to_toml

RECIPES = sorted(Path("recipes").glob("*.toml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "r.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_reads_and_round_trips(path: Path, tmp_path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert read_recipe(write(tmp_path, to_toml(recipe))) == recipe


def test_defaults_and_the_files_name(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, ""))
    assert recipe == Recipe(name="r")


def test_overrides(tmp_path: Path) -> None:
    path = write(tmp_path, '[[heads]]\nname = "emotion"\n')
    sets = ["train.lr=3e-4", "model.name=oshea", "model.options.hidden=50", "heads.emotion.weight=2", "train.epochs=3"]
    recipe = read_recipe(path, sets)
    assert (recipe.train.lr, recipe.model.name, recipe.train.epochs) == (3e-4, "oshea", 3)
    assert recipe.model.options == {"hidden": 50}
    assert recipe.heads[0].weight == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train]\nlrr = 1", r"unknown recipe key train\.lrr; did you mean train\.lr\?"),
        ("epoch = 1", "unknown recipe key epoch"),
        ("[train]\nepochs = 'ten'", r"train\.epochs = 'ten', expected int"),
        ("[train]\nepochs = true", r"train\.epochs = True, expected int"),
        ("[augment]\nscale = [1.0]", r"augment\.scale = .*expected 2 values"),
        ("train = 3", "train must be a section"),
        ("[train", "not a TOML recipe"),
        ("method = 'magic'", "method 'magic'"),
        ("[data]\nvalidation = 'PrivateTest'", "'PrivateTest' is a test split"),
        ("[data]\nvalidation = ''", "cut a data.holdout"),
        ("[train]\nselect = 'x'", "train.select = 'x' is no head"),
        ("[train]\noptimiser = 'sgdd'", "train.optimiser = 'sgdd', expected sgd or"),
        ("[[heads]]\n[[heads]]", "each with a name of its own"),
        ("[[heads]]\ntarget = 'x'", "expected soft or hard"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(MienError, match=message) as caught:
        read_recipe(write(tmp_path, text))
    assert "r.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"nowhere\.toml: No such file"):
        read_recipe(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("override", ["train.lr", "heads.nobody.weight=1", "name.x=1"])
def test_bad_overrides(tmp_path: Path, override: str) -> None:
    with pytest.raises(MienError, match="--set"):
        read_recipe(write(tmp_path, 'name = "a"\n[[heads]]\nname = "emotion"\n'), [override])
