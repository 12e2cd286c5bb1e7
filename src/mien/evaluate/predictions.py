"""What a model said of a split's rows, and what they are: all that scores are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.duplicates import elsewhere
from mien.evaluate.label_scheme import chosen_scheme, emotions_of
from mien.evaluate.pixels import crops
from mien.evaluate.predictor import Predictor
from mien.labels import EMOTIONS

TTA = ("mirror",)

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
        mirrored: (m, 8) float32, the mean of the plain and the mirrored faces' probabilities, or None.
        elsewhere: (m,) uint8 of `duplicates.NOWHERE, NEAR, EXACT`, or None where the data set has one split.
        dropped: why rows of the split are not among these -> how many.
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
    mirrored: NDArray[np.float32] | None = None
    elsewhere: NDArray[np.uint8] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

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
    progress: Progress | None = None,
) -> Predictions:
    """Predict a split's labelled rows; arguments as for `evaluate`, `excluded` being (n,) rows to leave out.

    Raises:
        MienError: a model without an emotion head, or no row that could be judged.
    """
    spec = predictor.spec
    head = spec.emotion_head
    if head is None:
        raise MienError(f"{name}: the model has no emotion head to evaluate; give one that names emotions")
    scheme = chosen_scheme(faces, head.trained_on, labels)
    split, in_split = chosen_split(faces, split)
    can_say = np.isin(EMOTIONS, head.labels)
    emotions = can_say & emotions_of(faces, scheme)
    target = faces.hard(scheme)
    left_out = np.zeros(len(faces), np.bool_) if excluded is None else excluded
    labelled = target != UNLABELLED
    sayable = labelled & emotions[np.maximum(target, 0)]
    kept = in_split & ~left_out & sayable
    dropped = {
        "excluded": int((in_split & left_out).sum()),
        "no_label": int((in_split & ~left_out & ~labelled).sum()),
        "not_in_model": int((in_split & ~left_out & labelled & ~sayable).sum()),
    }
    if not kept.any():
        raise MienError(f"{faces.name}: no row of {split} has a {scheme} label that {name} could give")
    plain, mirrored = _probabilities(predictor, faces.select(kept), tta, batch, progress)
    twins = elsewhere(faces, in_split)
    return Predictions(
        model=name,
        trained_on=head.trained_on,
        data=faces.name,
        data_sha256=faces.content or faces.digest(),
        split=split,
        labels=scheme,
        emotions=emotions,
        rows=np.flatnonzero(kept).astype(np.int64),
        targets=target[kept],
        probabilities=plain,
        mirrored=mirrored,
        elsewhere=None if twins is None else twins[kept[in_split]],
        dropped=dropped,
    )


def _probabilities(
    predictor: Predictor, faces: FaceSet, tta: str | None, batch: int, progress: Progress | None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """(n, 8) probabilities of the faces, and their mean with those of the mirrored faces."""
    from mien.runtime.probabilities import emotion_probabilities

    if tta is not None and tta not in TTA:
        raise MienError(f"unknown test-time averaging {tta!r}: {', '.join(TTA)}")
    spec = predictor.spec
    plain, mirrored, done = [], [], 0
    for part in crops(faces, spec.height, spec.width, spec.colour, batch):
        plain.append(emotion_probabilities(spec, predictor.logits(part, batch)))
        if tta == "mirror":
            turned = np.ascontiguousarray(part[:, :, ::-1])
            mirrored.append((plain[-1] + emotion_probabilities(spec, predictor.logits(turned, batch))) / 2)
        done += len(part)
        if progress:
            progress(done, len(faces))
    return np.concatenate(plain), np.concatenate(mirrored) if mirrored else None
