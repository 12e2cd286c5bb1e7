"""What teachers say of the faces that a student learns from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.classes import Classes
from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.chosen_split import ALL
from mien.evaluate.predicted import predicted
from mien.evaluate.predictions import Predictions
from mien.evaluate.progress import progress
from mien.lab.train.recipe import Distil, HeadRecipe
from mien.labels import EMOTIONS


def taught(
    settings: Distil,
    plan: HeadRecipe,
    faces: FaceSet,
    split: str,
    training: FaceSet,
    classes: Classes,
    device: str,
    *,
    quiet: bool = True,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, k) mean probabilities of the teachers over a head's classes, and (n,) 1 where all of them said something.

    Args:
        faces: the whole data set; `split` of it is what teachers are asked about, "" for all of it.
        training: n of its rows, in any order, made ones among them, which no teacher speaks of.
        classes: what the head learns.
        quiet: show no bar while teachers answer.

    Raises:
        MienError: a teacher that cannot be opened, of another data set, that lacks an emotion of the head or says
            nothing of these rows.
    """
    place = {(str(file), int(row)): i for i, (file, row) in enumerate(zip(faces.file, faces.row, strict=True))}
    at = np.array([place.get((str(f), int(r)), -1) for f, r in zip(training.file, training.row, strict=True)])
    at[training.made_from >= 0] = -1
    total = np.zeros((len(training), len(classes.names)))
    known = at >= 0
    for teacher in settings.teachers:
        with progress(teacher, quiet) as report:
            said = predicted(
                teacher, faces, split or ALL, labels=plan.labels, tta=settings.tta or None, device=device,
                progress=report,
            )  # fmt: skip
        found, spoken = _of_classes(teacher, said, classes, len(faces))
        total += np.where(known[:, None], found[at], 0)
        known &= spoken[at]
    if not known.any():
        raise MienError(
            f"distil.teachers: {', '.join(settings.teachers)} say nothing of the rows that this run learns from;"
            f" save their probabilities with --split {split or ALL}"
        )
    mean = np.where(known[:, None], total / len(settings.teachers), 1 / len(classes.names))
    return mean.astype(np.float32), known.astype(np.float32)


def _of_classes(
    teacher: str, said: Predictions, classes: Classes, n: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n, k) of a data set's n rows, and (n,) whether the teacher spoke of them."""
    values = said.probabilities if said.averaged is None else said.averaged
    out, spoken = np.zeros((n, len(classes.names))), np.zeros(n, np.bool_)
    for k, members in enumerate(classes.members):
        columns = [EMOTIONS.index(name) for name in members]
        if lacking := [EMOTIONS[c] for c in columns if not said.emotions[c]]:
            raise MienError(f"distil.teachers: {teacher} has no {lacking[0]}, which this head learns")
        out[said.rows, k] = values[:, columns].sum(axis=1)
    out[said.rows] /= np.maximum(out[said.rows].sum(axis=1, keepdims=True), 1e-9)
    spoken[said.rows] = True
    return out, spoken
