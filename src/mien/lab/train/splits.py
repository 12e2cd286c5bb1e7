"""Which rows a recipe learns from, and which it chooses on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.datasets.classes import classes_of
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import PUBLIC_TEST, TRAINING, VALIDATION
from mien.datasets.groups import groups_of
from mien.datasets.protocols import sides
from mien.errors import MienError
from mien.evaluate.exclusions import without_excluded
from mien.lab.augment.targeted import augment_classes
from mien.lab.heads.head_kind import kind_of
from mien.lab.train.recipe import Data, Recipe


def training_and_validation(recipe: Recipe, faces: FaceSet) -> tuple[FaceSet, FaceSet]:
    """The two sides, excluded rows and dropped emotions left out, targeted augmentation applied to the first alone.

    Raises:
        MienError: a split that is not there, a side without a single labelled face, or a list of rows to leave out
            that cannot be read.
    """
    data, faces = as_cut(recipe.data, faces)
    faces = without_excluded(faces, data.exclude)  # which a protocol's cut knows nothing of
    pool = faces.in_split(data.train) if data.train else faces
    if data.holdout or data.folds:
        keep, cut = _cut(pool, data, classes(recipe, pool))
        training, validation = pool.select(keep), pool.select(cut)
    else:
        training, validation = pool, faces.in_split(_chosen_on(faces, data.validation))
    if recipe.method != "byol":  # which learns without labels
        training, validation = (_without_dropped(side, recipe) for side in (training, validation))
        for side, name in ((training, "training"), (validation, "validation")):
            if not taught(recipe, side).any():
                raise MienError(
                    f"{faces.name}: no labelled {name} rows; look at data.train, data.validation and the labels"
                )
    if data.fraction < 1:
        training = training.select(fraction(classes(recipe, training), data.fraction, data.fraction_seed))
    if data.more:
        training = _with_more(recipe, training)
    if recipe.augment.targeted:
        scheme = data.holdout_labels or emotion_schemes(recipe)[0]
        training = augment_classes(training, scheme, recipe.augment.targeted, recipe.seed)
    return training, validation


def as_cut(data: Data, faces: FaceSet) -> tuple[Data, FaceSet]:
    """Both with the sides of `data.protocol` in place of the set's own splits; as they are without one."""
    if not data.protocol:
        return data, faces
    cut = faces.replace(split=sides(faces, data.protocol, data.fold))
    return replace(data, train=TRAINING, validation=VALIDATION), cut


def _with_more(recipe: Recipe, training: FaceSet) -> FaceSet:
    """The made pictures of these rows behind them; those of rows on the other side of the cut are left aside."""
    from mien.lab.train.variants import with_more

    if recipe.method == "byol":
        return with_more(training, recipe.data.more, ())
    return _without_dropped(with_more(training, recipe.data.more, emotion_schemes(recipe)), recipe)


def _chosen_on(faces: FaceSet, name: str) -> str:
    """The split that is meant: what re-packs of FER2013 call Validation is known here as its PublicTest."""
    if name == VALIDATION and not (faces.split == name).any() and (faces.split == PUBLIC_TEST).any():
        return PUBLIC_TEST
    return name


def _cut(faces: FaceSet, data: Data, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions to learn from and to choose on: a stratified holdout, or one fold of several."""
    groups = groups_of(faces, data.holdout_by)  # without a name: the repeats of a row that an index names twice
    if data.folds:
        from mien.datasets.folds import folds

        chosen = folds(labels, data.folds, data.holdout_seed, groups) == data.fold
    elif groups is not None:
        from mien.datasets.cut import stratified_cut

        chosen = stratified_cut(labels, (1 - data.holdout, data.holdout), data.holdout_seed, groups) == 1
    else:  # as published studies cut, O'Shea's among them
        return _holdout(labels, data.holdout, data.holdout_seed)
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def _holdout(labels: NDArray[np.int64], share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stratified by label: scikit-learn's train_test_split, as published studies call it."""
    from sklearn.model_selection import train_test_split

    try:
        keep, cut = train_test_split(np.arange(len(labels)), test_size=share, random_state=seed, stratify=labels)
    except ValueError as error:  # a class with one row, or more classes than rows to cut off
        raise MienError(f"data.holdout = {share:g}: cannot be cut evenly from {len(labels)} rows ({error})") from error
    return keep, cut


def fraction(labels: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """A stratified draw of this share of the rows, at least one of each class, in the set's order."""
    rng = np.random.default_rng(seed)
    kept = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        kept.append(rng.permutation(rows)[: max(1, round(share * len(rows)))])
    return np.sort(np.concatenate(kept))


def _without_dropped(faces: FaceSet, recipe: Recipe) -> FaceSet:
    """Without the rows that no head has a label for any more."""
    data = recipe.data
    if not data.drop:
        return faces
    kept = np.zeros(len(faces), np.bool_)
    for plan in recipe.heads:
        if plan.kind == "emotion":
            if np.isnan(faces.targets.get(plan.labels, np.zeros(1))).all():
                continue  # one side of a cut may have no face that teaches this head
            left = classes_of(faces, plan.labels, data.drop, data.merge)
            kept |= (left.hard >= 0) | np.isfinite(left.soft).all(axis=1)
        else:
            kept |= kind_of(plan.kind).classes(faces, plan) >= 0
    return faces.select(kept)


def taught(recipe: Recipe, faces: FaceSet) -> NDArray[np.bool_]:
    """(n,) whether some head has a label of a face, dropped emotions not looked at."""
    found = np.zeros(len(faces), np.bool_)
    for plan in recipe.heads:
        found |= kind_of(plan.kind).classes(faces, plan) >= 0
    return found


def emotion_schemes(recipe: Recipe) -> list[str]:
    """The label schemes of the heads that say emotions."""
    return [plan.labels for plan in recipe.heads if plan.kind in ("emotion", "emotion_units")]


def classes(recipe: Recipe, faces: FaceSet) -> NDArray[np.int64]:
    """(n,) the class by which rows are cut and drawn evenly, of `data.holdout_labels` or the first head; -1 without.

    Of action units that is the rarest that a face shows, of affect the quadrant.
    """
    named, plan = recipe.data.holdout_labels, recipe.heads[0]
    return faces.hard(named) if named else kind_of(plan.kind).classes(faces, plan)
