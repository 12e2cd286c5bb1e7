"""Fewer rows for a search: a stratified draw of each side, the same in every trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.datasets.concatenate import concatenate
from mien.datasets.emfacs import with_derived
from mien.datasets.face_set import FaceSet
from mien.lab.train.recipe import Recipe, Tune

TRAINING, VALIDATION = "search training", "search validation"


def drawn_rows(recipe: Recipe, faces: FaceSet) -> FaceSet:
    """`faces` with `tune.train_rows` and `tune.validation_rows` of its two sides, as splits of their own names.

    Nothing of the test splits is left in it. Without either setting the set is returned as it is.
    """
    from mien.lab.train.run import schemes_of
    from mien.lab.train.splits import classes, training_and_validation

    tune = recipe.tune
    if not (tune.train_rows or tune.validation_rows):
        return faces
    # the sides as a recipe without these would have them: nothing dropped yet, nothing added
    plain = replace(
        recipe, data=replace(recipe.data, drop=(), fraction=1.0, more=""), augment=replace(recipe.augment, targeted={})
    )
    sides = training_and_validation(plain, with_derived(faces, schemes_of(recipe)))
    out = []
    for side, count, name in zip(sides, (tune.train_rows, tune.validation_rows), (TRAINING, VALIDATION), strict=True):
        unlabelled = recipe.heads[0].kind == "emotion" and recipe.heads[0].labels not in side.targets
        labels = np.zeros(len(side), np.int64) if unlabelled else classes(recipe, side)
        kept = side.select(draw(labels, count, tune.seed))
        out.append(kept.replace(split=np.full(len(kept), name)))
    return concatenate(out).replace(content="")  # other rows than the file's


def trial_recipe(recipe: Recipe) -> Recipe:
    """The recipe of one trial: it reads the splits of drawn_rows, and of the search keeps only what drew them."""
    tune = recipe.tune
    alone = replace(recipe, tune=Tune(train_rows=tune.train_rows, validation_rows=tune.validation_rows, seed=tune.seed))
    if not (tune.train_rows or tune.validation_rows):
        return alone
    named = replace(recipe.data, train=TRAINING, validation=VALIDATION)
    uncut = replace(named, holdout=0.0, folds=0, fold=0, holdout_by="", protocol="", exclude="")
    return replace(alone, data=uncut)


def draw(labels: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Positions of `count` labelled rows in ascending order, each class by its share; 0 or too many takes all.

    Shares are rounded by largest remainder, so that exactly `count` rows come out.
    """
    labelled = np.flatnonzero(labels >= 0)
    if count <= 0 or count >= len(labelled):
        return labelled if count > 0 else np.arange(len(labels))
    names, sizes = np.unique(labels[labelled], return_counts=True)
    exact = sizes * count / len(labelled)
    takes = np.floor(exact).astype(int)
    takes[np.argsort(takes - exact, kind="stable")[: count - takes.sum()]] += 1
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(labelled[labels[labelled] == name])[:take] for name, take in zip(names, takes, strict=True)]
    return np.sort(np.concatenate(rows))
