"""What a model said of a split's rows, and what they are: all that scores are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.datasets.emfacs import with_derived
from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.datasets.votes import distribution
from mien.errors import MienError
from mien.evaluate.answers import Answers, answers_of
from mien.evaluate.branches import branch_probabilities, said_by
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.duplicates import elsewhere
from mien.evaluate.label_scheme import chosen_scheme, emotions_of
from mien.evaluate.learnt import learnt_rows
from mien.evaluate.pixels import crops
from mien.evaluate.predictor import Predictor
from mien.evaluate.tta import Averaging, averaging
from mien.labels import EMOTIONS

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Told after each batch how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """m rows with a label that the model could have given, each with its probabilities.

    Attributes:
        model, trained_on: the model's name and its head's label scheme.
        data, data_sha256, split, labels: what was predicted on, and the scheme of the targets.
        emotions: (8,) bool, which of `labels.EMOTIONS` both the model and the scheme have.
        rows: (m,) int64, rows of the data set from 0 in its own order.
        targets: (m,) int64, positions in `labels.EMOTIONS`.
        probabilities: (m, 8) float32, NaN in columns that the model does not have.
        averaged: (m, 8) float32, the mean of the probabilities of several views of each face, or None.
        tta: how these views were made, as `tta.averaging` spells it; "" without.
        learnt: how many of the rows the model has learnt, by its ModelSpec.
        votes: (m, 8) float32, the shares of the annotators' votes, a row of NaN where most named no emotion;
            None where the data set has no votes.
        elsewhere: (m,) uint8 of `duplicates.NOWHERE, NEAR, EXACT`, or None where the data set has one split or
            nobody asked.
        dropped: why rows of the split are not among these -> how many.
        names: (8,) what each column is called: its emotion, or the merged class that stands in it.
        logits: (m, 8) float32, what the probabilities were made from, or None where that is not known.
        branches: (m, b, 8) float32, each branch's own probabilities, or None where the model has no branches.
    """

    model: str
    trained_on: str
    data: str
    data_sha256: str
    split: str
    labels: str
    emotions: NDArray[np.bool_]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    averaged: NDArray[np.float32] | None = None
    elsewhere: NDArray[np.uint8] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = EMOTIONS
    logits: NDArray[np.float32] | None = None
    branches: NDArray[np.float32] | None = None
    tta: str = ""
    learnt: int = 0
    votes: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.rows)


def predict(
    name: str,
    predictor: Predictor,
    faces: FaceSet,
    split: str | None = None,
    *,
    labels: str | None = None,
    tta: str | None = None,
    excluded: NDArray[np.bool_] | None = None,
    batch: int = 256,
    seed: int = 0,
    copies: bool = True,
    progress: Progress | None = None,
) -> Predictions:
    """Predict a split's labelled rows; arguments as for `evaluate`, `excluded` being (n,) rows to leave out.

    `seed` is that of random views.

    Raises:
        MienError: a model without an emotion head, or no row that could be judged.
    """
    answers = answers_of(name, predictor.spec, labels)
    if labels is not None or faces.action_units:
        faces = with_derived(faces, [answers.head.trained_on if labels is None else labels])
    rows = _rows(name, answers, faces, split, labels, excluded)
    kept = rows.kept
    chosen, way = faces.select(kept), averaging(tta)
    total = len(chosen) * (1 + (way.views if way else 0))
    outputs, plain, branches = _plain(predictor, answers, chosen, batch, _of(progress, 0, total))
    told = _of(progress, len(chosen), total)
    views = _averaged(predictor, answers, chosen, way, plain, batch, seed, told) if way else None
    twins = elsewhere(faces, rows.in_split) if copies else None
    return Predictions(
        model=name,
        trained_on=answers.head.trained_on,
        data=faces.name,
        data_sha256=faces.content or faces.digest(),
        split=rows.split,
        labels=rows.scheme,
        emotions=rows.emotions,
        rows=np.flatnonzero(kept).astype(np.int64),
        targets=rows.target[kept],
        probabilities=plain,
        averaged=views,
        elsewhere=None if twins is None else twins[kept[rows.in_split]],
        dropped=rows.dropped,
        names=answers.names,
        logits=outputs,
        branches=branches,
        tta=way.name if way else "",
        learnt=int(learnt_rows(predictor.spec, faces)[kept].sum()),
        votes=None if faces.votes is None else distribution(faces.votes[kept]),
    )


class _Rows(NamedTuple):
    """Which of a data set's n rows are judged, by which labels."""

    scheme: str
    split: str
    emotions: NDArray[np.bool_]  # (8,)
    target: NDArray[np.int64]  # (n,) column of the answer that would be right, -1 where there is none
    in_split: NDArray[np.bool_]  # (n,)
    kept: NDArray[np.bool_]  # (n,)
    dropped: dict[str, int]


def _rows(
    name: str,
    answers: Answers,
    faces: FaceSet,
    split: str | None,
    labels: str | None,
    excluded: NDArray[np.bool_] | None,
) -> _Rows:
    scheme = chosen_scheme(faces, answers.head.trained_on, labels)
    split, in_split = chosen_split(faces, split)
    in_scheme = emotions_of(faces, scheme)
    emotions = answers.present & np.isin(np.arange(len(EMOTIONS)), answers.column[in_scheme])
    given = faces.hard(scheme)
    target = np.where(given == UNLABELLED, UNLABELLED, answers.column[given])
    left_out = np.zeros(len(faces), np.bool_) if excluded is None else excluded
    labelled = given != UNLABELLED
    sayable = (target != UNLABELLED) & emotions[np.maximum(target, 0)]
    made = faces.made_from >= 0
    made &= bool((in_split & ~made).any())  # a set of made pictures alone was asked for as such
    kept = in_split & ~left_out & ~made & sayable
    dropped = {
        "excluded": int((in_split & left_out).sum()),
        "no_label": int((in_split & ~left_out & ~labelled).sum()),
        "not_in_model": int((in_split & ~left_out & labelled & ~sayable).sum()),
    }
    if made.any():
        dropped["made"] = int((in_split & made).sum())
    if not kept.any():
        raise MienError(f"{faces.name}: no row of {split} has a {scheme} label that {name} could give")
    return _Rows(scheme, split, emotions, target, in_split, kept, dropped)


def _plain(
    predictor: Predictor, answers: Answers, faces: FaceSet, batch: int, progress: Progress
) -> tuple[Floats, Floats, Floats | None]:
    """(n, 8) raw outputs and probabilities of the faces, and (n, b, 8) of the branches."""
    spec = predictor.spec
    outputs, plain, branches, done = [], [], [], 0
    for part in crops(faces, spec.height, spec.width, spec.colour, batch):
        logits, said = said_by(predictor, part, batch)
        outputs.append(answers.outputs(logits))
        plain.append(answers.probabilities(logits))
        if said is not None:
            branches.append(branch_probabilities(answers, said))
        done += len(part)
        progress(done, len(faces))
    return np.concatenate(outputs), np.concatenate(plain), np.concatenate(branches) if branches else None


def _averaged(
    predictor: Predictor,
    answers: Answers,
    faces: FaceSet,
    way: Averaging,
    plain: Floats,
    batch: int,
    seed: int,
    progress: Progress,
) -> Floats:
    """(n, 8) mean probabilities of the views of each face, `plain` being those of the face as it is."""
    spec, random = predictor.spec, way.random(len(faces), seed)
    mean, done = [], 0
    for part in crops(faces, *way.size(spec.height, spec.width), spec.colour, batch):
        numbers = random[done : done + len(part)]
        summed = np.zeros((len(part), len(EMOTIONS)))
        if way.plain:
            summed += plain[done : done + len(part)]
        for view in way.make(part, spec.height, spec.width, numbers):
            summed += answers.probabilities(predictor.logits(view, batch))
        mean.append((summed / way.views).astype(np.float32))
        done += len(part)
        progress(done * way.views, len(faces) * way.views)
    return np.concatenate(mean)


def _of(progress: Progress | None, before: int, total: int) -> Progress:
    """Tells of a part of the work as of the whole."""
    return lambda done, _: progress(before + done, total) if progress else None
