"""Rows that runs held out are predicted by the run that did not learn them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.audit.out_of_fold import SPLIT, held_out, out_of_fold
from mien.evaluate.predictions import predict
from mien.evaluate.predictor import open_model
from mien.lab.train.recipe import Data, HeadRecipe, Input, Model, Recipe, Train
from mien.lab.train.run import train

RECIPE = Recipe(
    name="oof",
    data=Data(train="Training", validation="", folds=3),
    heads=(HeadRecipe(labels="synthetic", target="hard"),),
    model=Model(options={"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}),
    input=Input(height=16, width=16),
    train=Train(epochs=1, batch=32, precision="fp32"),
)


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    return synthetic(n=90, seed=1, size=16)


@pytest.fixture(scope="module")
def runs(faces: FaceSet, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("runs")
    for fold in range(3):
        recipe = replace(RECIPE, data=replace(RECIPE.data, fold=fold))
        train(recipe, faces, folder / str(fold), device="cpu", quiet=True)
    return [folder / str(fold) for fold in range(3)]


def test_every_training_row_once_by_the_run_that_left_it_out(faces: FaceSet, runs: list[Path]) -> None:
    found = out_of_fold(runs, faces, "synthetic", device="cpu")
    assert found.rows.tolist() == np.flatnonzero(faces.split == "Training").tolist()
    assert found.split == SPLIT
    assert found.data_sha256 == faces.content
    for run in runs:
        held = held_out(run, faces)
        alone = predict("m", open_model(run, "cpu"), faces.select(held), "all", labels="synthetic")
        mine = np.isin(found.rows, np.flatnonzero(held))
        np.testing.assert_allclose(found.probabilities[mine], alone.probabilities, atol=1e-5)
    masks = np.stack([held_out(run, faces) for run in runs])
    assert (masks.sum(axis=0) == (faces.split == "Training")).all()


def test_one_fold_twice_and_other_data_are_refused(faces: FaceSet, runs: list[Path]) -> None:
    with pytest.raises(MienError, match=r"row \d+ stands in .*0 too"):
        out_of_fold([runs[0], runs[0]], faces, "synthetic", device="cpu")
    with pytest.raises(MienError, match="learnt from other data"):
        out_of_fold(runs, synthetic(n=90, seed=2, size=16), "synthetic", device="cpu")
    with pytest.raises(MienError, match="No such file"):
        held_out(runs[0].parent, faces)


def test_excluded_rows_were_never_held_out(faces: FaceSet, runs: list[Path], tmp_path: Path) -> None:
    from mien.lab.train.recipe_file import to_toml

    gone = np.flatnonzero(held_out(runs[0], faces))[:2]
    (tmp_path / "f.csv").write_text("row\n" + "\n".join(map(str, gone)))
    (tmp_path / "recipe.toml").write_text(
        to_toml(replace(RECIPE, data=replace(RECIPE.data, exclude=str(tmp_path / "f.csv"))))
    )
    held = held_out(tmp_path, faces)
    assert not held[gone].any()
    assert 15 < held.sum() < 30
