"""Which faces are edited, and where each one's own emotion stands among the generator's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.label_scheme import chosen_scheme
from mien.labels import EMOTIONS


@dataclass(frozen=True, slots=True)
class Rows:
    """n real faces of a split.

    Attributes:
        faces: they.
        own: (n,) int64, the position of each one's emotion among the generator's.
        split, labels: which split, and by which label scheme.
        available: how many the split has; n of them were drawn.
        dropped: why rows of the split are not among these -> how many.
    """

    faces: FaceSet
    own: NDArray[np.int64]
    split: str
    labels: str
    available: int
    dropped: dict[str, int]


def chosen_rows(
    faces: FaceSet,
    emotions: Sequence[str],
    split: str | None,
    labels: str | None,
    *,
    trained_on: str,
    excluded: NDArray[np.bool_] | None = None,
    n: int | None = None,
    seed: int = 0,
) -> Rows:
    """A random draw of a split's real faces whose emotion the generator knows.

    Args:
        faces: a whole data set.
        emotions: the generator's.
        split, labels: as for `mien.evaluate`; without `labels` those that the judge was trained on.
        trained_on: the judge's label scheme.
        excluded: (faces,) rows to leave out.
        n: how many to draw; None takes all.

    Raises:
        MienError: no such split or labels, or no row to edit.
    """
    scheme = chosen_scheme(faces, trained_on, labels)
    name, in_split = chosen_split(faces, split)
    place = np.full(len(EMOTIONS) + 1, UNLABELLED)  # the last entry answers for rows without a label
    for at, emotion in enumerate(emotions):
        place[EMOTIONS.index(emotion)] = at
    given = faces.hard(scheme)
    own = place[given]
    left_out = np.zeros(len(faces), np.bool_) if excluded is None else excluded
    real = faces.made_from < 0
    judged = in_split & ~left_out & real
    kept = np.flatnonzero(judged & (own >= 0))
    if not len(kept):
        raise MienError(f"{faces.name}: no row of {name} has a {scheme} label among {', '.join(emotions)}")
    drawn = kept if n is None or n >= len(kept) else np.sort(np.random.default_rng(seed).permutation(kept)[:n])
    return Rows(
        faces=faces.select(drawn),
        own=own[drawn].astype(np.int64),
        split=name,
        labels=scheme,
        available=len(kept),
        dropped={
            "excluded": int((in_split & left_out).sum()),
            "made": int((in_split & ~left_out & ~real).sum()),
            "no_label": int((judged & (given == UNLABELLED)).sum()),
            "not_in_generator": int((judged & (given != UNLABELLED) & (own < 0)).sum()),
        },
    )
