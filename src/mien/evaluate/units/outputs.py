"""What a model says of a split's rows with all of its heads, and what the rows show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.units import intensity, occurrence
from mien.errors import MienError
from mien.evaluate.chosen_split import ALL, chosen_split
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor
from mien.labels import AFFECT, EMOTIONS, NO_UNIT
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import UNIT_HEADS, activate

Floats = NDArray[np.float64]

EMOTION_UNITS, INTENSITY, VALENCE_AROUSAL = "emotion_units", "intensity", "valence_arousal"
KINDS = (*UNIT_HEADS, INTENSITY, VALENCE_AROUSAL)
"""Kinds of heads that are scored here; those of emotions are scored by `mien.evaluate`."""


@dataclass(frozen=True, slots=True)
class HeadOutputs:
    """m rows with a label for at least one head, and the model's whole answer to each.

    Attributes:
        model, spec: whose.
        faces: the m rows.
        rows: (m,) int64, their places in the data set from 0.
        data, data_sha256, split: what they are of.
        logits: (m, K) float32, all heads side by side.
        dropped: why rows of the split are not among these -> how many.
    """

    model: str
    spec: ModelSpec
    faces: FaceSet
    rows: NDArray[np.int64]
    data: str
    data_sha256: str
    split: str
    logits: NDArray[np.float32]
    dropped: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, head: Head, labels: Sequence[str]) -> Floats:
        """(m, len(labels)) of one head: probabilities, intensities, or -1..1 of valence and arousal."""
        said = activate(head, self.logits[:, self.spec.columns(head.name)]).astype(np.float64)
        return said[:, [head.labels.index(label) for label in labels]]


def units_of(head: Head) -> tuple[str, ...]:
    """The action units among a head's labels, without emotions and the column for none."""
    return tuple(label for label in head.labels if label not in (*EMOTIONS, NO_UNIT))


def labels_of(head: Head, faces: FaceSet) -> tuple[tuple[str, ...], Floats]:
    """The head's labels that the set knows for some face, and (n, k) what is known of each, NaN where nothing is."""
    if head.kind == VALENCE_AROUSAL:
        names: tuple[str, ...] = AFFECT
        absent = np.full(len(faces), np.nan)
        known = np.stack([np.asarray(faces.targets.get(name, absent), np.float64) for name in names], axis=1)
    else:
        names = units_of(head)
        known = (intensity if head.kind == INTENSITY else occurrence)(faces, names).astype(np.float64)
    kept = any_known(known.T)
    return tuple(name for name, some in zip(names, kept.tolist(), strict=True) if some), known[:, kept]


def any_known(labels: Floats) -> NDArray[np.bool_]:
    """(n, k) labels, NaN where there is none -> (n,) whether a row has any."""
    return np.asarray(np.isfinite(labels).any(axis=1), np.bool_)


def split_of(faces: FaceSet, name: str | None) -> tuple[str, NDArray[np.bool_]]:
    """As `chosen_split`, but a set without any splits, such as somebody's own photographs, is taken whole.

    Raises:
        MienError: as there.
    """
    return chosen_split(faces, name if faces.split.astype(bool).any() else ALL)


def outputs_of(
    name: str,
    predictor: Predictor,
    faces: FaceSet,
    split: str | None,
    heads: Sequence[Head],
    *,
    excluded: NDArray[np.bool_] | None = None,
    batch: int = 256,
    progress: Progress | None = None,
) -> HeadOutputs:
    """Run the model once over the split's rows that have a label for one of these heads.

    Args:
        name: what to call the model.
        excluded: (n,) rows to leave out.

    Raises:
        MienError: no such split, or no row of it with such a label.
    """
    split, inside = split_of(faces, split)
    labelled = np.zeros(len(faces), np.bool_)
    for head in heads:
        labelled |= any_known(labels_of(head, faces)[1])
    left_out = np.zeros(len(faces), np.bool_) if excluded is None else excluded
    made = faces.made_from >= 0
    made &= bool((inside & ~made).any())  # a set of made pictures alone was asked for as such
    kept = inside & labelled & ~left_out & ~made
    if not kept.any():
        wanted = ", ".join(head.name for head in heads)
        raise MienError(f"{faces.name}: no row of {split} has a label for {wanted} of {name}")
    chosen, spec = faces.select(kept), predictor.spec
    logits, done = [], 0
    for part in crops(chosen, spec.height, spec.width, spec.colour, batch):
        logits.append(predictor.logits(part, batch))
        done += len(part)
        if progress:
            progress(done, len(chosen))
    dropped = {"excluded": inside & left_out, "no_label": inside & ~left_out & ~labelled, "made": inside & made}
    return HeadOutputs(
        model=name,
        spec=spec,
        faces=chosen,
        rows=np.flatnonzero(kept).astype(np.int64),
        data=faces.name,
        data_sha256=faces.content or faces.digest(),
        split=split,
        logits=np.concatenate(logits),
        dropped={why: int(rows.sum()) for why, rows in dropped.items() if rows.any()},
    )
