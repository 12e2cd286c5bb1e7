"""Faces worth looking at: those that a model gets most wrong and most right, and those that it doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.evaluate.branches import branch_disagreement
from mien.evaluate.comparison import rounded
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Predictions
from mien.runtime.probabilities import entropy_of

MOST_WRONG, MOST_RIGHT, MOST_UNCERTAIN, MOST_DISPUTED = "most_wrong", "most_right", "most_uncertain", "most_disputed"
KINDS = (MOST_WRONG, MOST_RIGHT, MOST_UNCERTAIN, MOST_DISPUTED)
SIDE = 96  # pixels of a face on a sheet


@dataclass(frozen=True, slots=True)
class Pick:
    """One face.

    Attributes:
        position: in the predictions; row: in the data set.
        true, said: its label, and what the model says.
        p_true, p_said: probabilities of these, 0..1.
        entropy: of all probabilities, 0 (sure) to 1 (uniform).
        disagreement: of the branches, 0..1; None for a model without.
    """

    position: int
    row: int
    true: str
    said: str
    p_true: float
    p_said: float
    entropy: float
    disagreement: float | None


@dataclass(frozen=True, slots=True)
class Gallery:
    """Picks by kind, the foremost first.

    Attributes:
        overall: kind -> up to k faces of any class. `most_wrong`: wrong, and surest of it. `most_right`: right, and
            surest. `most_uncertain`: highest entropy. `most_disputed`: of a model with branches, those on which they
            disagree most; the kind is not there for other models.
        by_class: class of the label -> kind -> up to k faces.
    """

    k: int
    overall: dict[str, list[Pick]]
    by_class: dict[str, dict[str, list[Pick]]]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits."""
        found: dict[str, Any] = rounded(asdict(self))
        return found


def gallery(predictions: Predictions, k: int = 8) -> Gallery:
    """Choose the faces; of equal ones the lower row comes first."""
    classes = np.flatnonzero(predictions.emotions)
    targets = np.searchsorted(classes, predictions.targets)
    probabilities = renormalised(predictions.probabilities, classes)
    said = probabilities.argmax(axis=1)
    sure, right = probabilities.max(axis=1), said == targets
    doubt = entropy_of(probabilities)
    apart = None if predictions.branches is None else branch_disagreement(predictions.branches)
    every = np.ones(len(targets), np.bool_)
    kinds: dict[str, tuple[NDArray[np.bool_], NDArray[Any]]] = {
        MOST_WRONG: (~right, sure), MOST_RIGHT: (right, sure), MOST_UNCERTAIN: (every, doubt)
    }  # fmt: skip
    if apart is not None:
        kinds[MOST_DISPUTED] = (every, apart)
    names = [predictions.names[c] for c in classes]

    def pick(i: int) -> Pick:
        return Pick(
            position=i,
            row=int(predictions.rows[i]),
            true=names[targets[i]],
            said=names[said[i]],
            p_true=float(probabilities[i, targets[i]]),
            p_said=float(sure[i]),
            entropy=float(doubt[i]),
            disagreement=None if apart is None else float(apart[i]),
        )

    def picks(of: NDArray[np.bool_]) -> dict[str, list[Pick]]:
        return {kind: [pick(i) for i in _first(mask & of, by, k)] for kind, (mask, by) in kinds.items()}

    return Gallery(
        k=k,
        overall=picks(every),
        by_class={name: picks(targets == c) for c, name in enumerate(names) if (targets == c).any()},
    )


def draw_gallery(found: Gallery, faces: FaceSet, path: str | Path, *, of: str = "", title: str = "") -> None:
    """Write a sheet with a row of faces for each kind; the suffix of `path` (png, pdf, svg) names the format.

    Args:
        faces: the data set that was predicted, all its rows.
        of: a class; "" for faces of any.

    Raises:
        KeyError: a class without faces.
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    from mien.plots.contact_sheet import plot_contact_sheet

    chosen: Mapping[str, list[Pick]] = found.by_class[of] if of else found.overall
    rows = {kind: np.array([one.row for one in picks], np.int64) for kind, picks in chosen.items() if picks}
    sheet = {
        kind.replace("_", " "): np.concatenate(list(crops(faces.select(index), SIDE, SIDE, "rgb")))
        for kind, index in rows.items()
    }
    plot_contact_sheet(sheet, path, title=title)


def _first(mask: NDArray[np.bool_], by: NDArray[Any], k: int) -> list[int]:
    """Up to k positions of the mask, the highest values first."""
    rows = np.flatnonzero(mask)
    kept: list[int] = rows[np.argsort(-by[rows], kind="stable")[:k]].tolist()
    return kept
