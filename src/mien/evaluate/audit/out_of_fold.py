"""Probabilities of the rows that training runs held out, each from the run that did not learn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError, needing
from mien.evaluate.audit.confident_learning import join
from mien.evaluate.chosen_split import ALL
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import open_model

SPLIT = "out of fold"
"""What such predictions call the split that they are of."""
_ROW = "row of the whole set"


def out_of_fold(
    runs: Sequence[str | Path], faces: FaceSet, scheme: str, *, device: str = "auto", progress: Progress | None = None
) -> Predictions:
    """Predict each run's held-out rows; together the folds of one recipe make every row's probabilities.

    Args:
        runs: folders of `mien train`, whose recipes cut a fold, a holdout or a validation split off.
        faces: the whole data set that they learnt from.
        scheme: the labels that are examined.

    Raises:
        MienError: no run, one of other data, one without rows held out, or two that held out one row.
        MissingExtraError: no torch.
    """
    parts = []
    for run in runs:
        held = np.flatnonzero(held_out(run, faces))
        predictor = open_model(run, device)
        trained = predictor.spec.training.get("data_sha256")
        if trained != (faces.content or faces.digest()):
            raise MienError(f"{run}: learnt from other data than this; give the data set of its recipe")
        some = faces.select(held)
        some = some.replace(split=np.full(len(some), ""))  # so that nobody looks for twins in other splits
        said = predict(Path(run).name, predictor, some, ALL, labels=scheme, progress=progress)
        parts.append((str(run), replace(said, rows=held[said.rows], split=SPLIT)))
    return join(parts, faces, scheme)


def held_out(run: str | Path, faces: FaceSet) -> NDArray[np.bool_]:
    """(n,) the rows on which a run was validated and from which it learnt nothing.

    Raises:
        MienError: a folder without a recipe, or data that does not fit it.
    """
    with needing("reading a run's recipe", "train"):
        from mien.lab.train.recipe_file import read_recipe
        from mien.lab.train.splits import training_and_validation
    recipe = read_recipe(Path(run) / "recipe.toml")
    # a column that no head reads carries the rows' places through every cut
    numbered = faces.replace(targets={**faces.targets, _ROW: np.arange(len(faces), dtype=np.float32)})
    learnt, held = (np.unique(side.targets[_ROW]) for side in training_and_validation(recipe, numbered))
    rows = held.astype(np.int64)
    if np.isin(held, learnt).any():
        raise MienError(f"{run}: learnt rows that it was validated on; give a run with data.folds")
    out = np.zeros(len(faces), np.bool_)
    out[rows] = True
    return out
