from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.lab.train.recipe import Data, HeadRecipe, Recipe, Tune
from mien.lab.tune.rows import draw, drawn_rows, trial_recipe

RECIPE = Recipe(
    name="r",
    data=Data(path="synthetic:n=300", validation="Validation", drop=("disgust",)),
    heads=(HeadRecipe(labels="synthetic"),),
    tune=Tune(train_rows=80, validation_rows=16, seed=4, trials=9, space={"train.lr": [1, 2]}),
)


def test_a_draw_keeps_shares_and_count() -> None:
    labels = np.repeat([0, 1, 2, -1], [100, 50, 7, 20])
    rows = draw(labels, 40, seed=1)
    assert len(rows) == 40
    assert np.bincount(labels[rows]).tolist() == [25, 13, 2]
    assert (np.diff(rows) > 0).all()
    assert np.array_equal(rows, draw(labels, 40, seed=1))
    assert not np.array_equal(rows, draw(labels, 40, seed=2))
    assert len(draw(labels, 0, 1)) == len(labels)
    assert len(draw(labels, 999, 1)) == 157


def test_both_sides_are_drawn_and_no_test_row_is_left() -> None:
    pytest.importorskip("torch")
    faces = synthetic(300, 1, 0.0)
    found = drawn_rows(RECIPE, faces)
    recipe = trial_recipe(RECIPE)
    names, counts = np.unique(found.split, return_counts=True)
    assert dict(zip(names, counts, strict=True)) == {recipe.data.train: 80, recipe.data.validation: 16}
    test = set(faces.row[faces.split == "Test"])
    assert not test & set(found.row)
    assert found.content == ""
    assert recipe.data.drop == ("disgust",)
    assert recipe.tune == Tune(train_rows=80, validation_rows=16, seed=4)


def test_a_protocol_cuts_once() -> None:
    recipe = trial_recipe(replace(RECIPE, data=replace(RECIPE.data, protocol="loso", fold=3)))
    assert (recipe.data.protocol, recipe.data.fold) == ("", 0)


def test_all_rows_are_the_set_itself() -> None:
    whole = replace(RECIPE, tune=Tune(trials=9))
    faces = synthetic(20, 1, 0.0)
    assert drawn_rows(whole, faces) is faces
    assert trial_recipe(whole) == replace(RECIPE, tune=Tune())


def test_made_pictures_are_not_drawn_but_added_to_what_was(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    faces = synthetic(300, 1, 0.0)
    recipe = replace(RECIPE, data=replace(RECIPE.data, more="expanded"))
    plain = drawn_rows(RECIPE, faces)
    monkeypatch.setattr("mien.lab.train.splits._with_more", lambda *given: pytest.fail("added before the draw"))
    assert drawn_rows(recipe, faces).row.tolist() == plain.row.tolist()
    assert trial_recipe(recipe).data.more == "expanded"


def test_excluded_rows_are_left_out_of_the_draw_once(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    faces = synthetic(300, 1, 0.0)
    gone = np.flatnonzero(faces.split == "Training")[:100]
    (tmp_path / "f.csv").write_text("row\n" + "\n".join(map(str, gone)))
    recipe = replace(RECIPE, data=replace(RECIPE.data, exclude=str(tmp_path / "f.csv")))
    found = drawn_rows(recipe, faces)
    assert not set(gone.tolist()) & set(found.row.tolist())
    assert trial_recipe(recipe).data.exclude == ""  # its rows are numbered anew
