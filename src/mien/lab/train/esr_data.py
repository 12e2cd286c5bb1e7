"""What each branch of an ESR learns from: a draw of its own, or a bag of the folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.folds import folds
from mien.datasets.groups import groups_of
from mien.datasets.subset import subset_by_class
from mien.errors import MienError
from mien.lab.heads.head_kind import kind_of
from mien.lab.train.esr_affect import KIND, affect_plan
from mien.lab.train.recipe import Recipe
from mien.lab.train.seeds import hash_seed
from mien.lab.train.splits import classes, taught

_STREAM = 0xE5  # apart from the seeds of epochs


def of_branch(recipe: Recipe, training: FaceSet, branch: int) -> FaceSet:
    """The rows that a branch, counted from 1, learns from.

    With `esr.bag` the training rows are cut into folds (subjects whole where `data.holdout_by` says so):
    `data.folds` less the one for validation, or one more than the bag; branch k learns from `bag` of them,
    beginning with the k-th after the one it first leaves out, so that with one fold left out each branch
    leaves out another. Then `esr.per_class` faces of each class are drawn.

    Where affect alone learns, its quadrants are the classes, and faces without valence or arousal are left out; else
    faces that teach no head are.

    Raises:
        MienError: a bag of more folds than there are, or no face with both valence and arousal.
    """
    settings = recipe.esr
    if settings.learns == "affect":
        training = training.select(drawn_by(recipe, training) >= 0)
        if not len(training):
            raise MienError(f"{training.name}: no training rows with both valence and arousal; look at data.train")
    else:
        training = training.select(_teach(recipe, training))
    if settings.bag:
        training = training.select(_bagged(recipe, training, branch))
    if settings.per_class:
        drawn = branch if settings.redraw else 1
        seed = hash_seed(recipe.seed, _STREAM, drawn)
        rows = subset_by_class(drawn_by(recipe, training), settings.per_class, seed, unlabelled=True)
        training = training.select(rows)
    return training


def drawn_by(recipe: Recipe, faces: FaceSet) -> NDArray[np.int64]:
    """(n,) the class by which faces are drawn evenly, -1 without one; the quadrant where affect alone learns."""
    if recipe.esr.learns == "affect":
        return kind_of(KIND).classes(faces, affect_plan(recipe))
    return classes(recipe, faces)


def _teach(recipe: Recipe, faces: FaceSet) -> NDArray[np.bool_]:
    """(n,) whether a face has a label, or votes where these are learnt, for some head."""
    found = taught(recipe, faces)
    for plan in recipe.heads:
        if plan.kind == "emotion" and plan.target == "soft":
            found |= np.isfinite(faces.targets[plan.labels]).any(axis=1)
    return found


def _bagged(recipe: Recipe, training: FaceSet, branch: int) -> NDArray[np.bool_]:
    data, bag = recipe.data, recipe.esr.bag
    cuts = data.folds - 1 if data.folds else bag + 1
    if bag > cuts:
        raise MienError(f"esr.bag = {bag}: data.folds = {data.folds} leave {cuts} to learn from")
    if bag == cuts:
        return np.ones(len(training), np.bool_)
    fold = folds(drawn_by(recipe, training), cuts, data.holdout_seed, groups_of(training, data.holdout_by))
    taken = [(branch + i) % cuts for i in range(bag)]
    return np.isin(fold, taken)
