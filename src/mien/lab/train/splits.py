"""Which rows a recipe learns from, and which it chooses on."""

from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.augment.targeted import augment_classes
from mien.lab.train.recipe import Recipe


def training_and_validation(recipe: Recipe, faces: FaceSet) -> tuple[FaceSet, FaceSet]:
    """The two sides, targeted augmentation applied to the first alone.

    Raises:
        MienError: a split that is not there, or a side without a single labelled face.
    """
    data = recipe.data
    pool = faces.in_split(data.train) if data.train else faces
    if data.holdout:
        training, validation = holdout(pool, data.holdout, data.holdout_seed, _scheme(recipe))
    else:
        training, validation = pool, faces.in_split(data.validation)
    for side, name in ((training, "training"), (validation, "validation")):
        if not any((side.hard(head.labels) >= 0).any() for head in recipe.heads):
            raise MienError(
                f"{faces.name}: no labelled {name} rows; look at data.train, data.validation and the labels"
            )
    if recipe.augment.targeted:
        training = augment_classes(training, _scheme(recipe), recipe.augment.targeted, recipe.seed)
    return training, validation


def holdout(faces: FaceSet, share: float, seed: int, scheme: str) -> tuple[FaceSet, FaceSet]:
    """Cut a share off, stratified by label: scikit-learn's train_test_split, as published studies call it."""
    from sklearn.model_selection import train_test_split

    labels = faces.hard(scheme)
    keep, cut = train_test_split(np.arange(len(faces)), test_size=share, random_state=seed, stratify=labels)
    return faces.select(keep), faces.select(cut)


def _scheme(recipe: Recipe) -> str:
    return recipe.data.holdout_labels or recipe.heads[0].labels
