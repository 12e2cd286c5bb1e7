"""Which labels a model is judged by, and which emotions the two have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.labels import EMOTIONS

SAME_PICTURES = ("fer2013", "ferplus")
"""Two schemes that label the same pictures: one never stands in for the other unasked."""


def chosen_scheme(faces: FaceSet, trained_on: str, wanted: str | None) -> str:
    """The label scheme to judge by: the one wanted, else the one the model was trained on.

    Where a data set has labels of its own only, which no other set shares, they are taken.

    Raises:
        MienError: labels that the data set does not have, with what it has.
    """
    have = [scheme for scheme in faces.emotion_schemes if not np.isnan(faces.targets[scheme]).all()]
    if not have:
        raise MienError(f"{faces.name}: no emotion labels to judge by; give a data set that has them")
    scheme = trained_on if wanted is None else wanted
    if scheme in have:
        return scheme
    if wanted is None and len(have) == 1 and have[0] not in SAME_PICTURES:
        return have[0]
    whose = "which the model was trained on" if wanted is None else "as asked"
    remedies = [f"--labels {' or '.join(have)}"]
    if scheme == "ferplus" and "fer2013" in have:
        remedies.append("--ferplus fer2013new.csv")
    raise MienError(f"{faces.name}: no {scheme} labels ({whose}); add {' or '.join(remedies)}")


def emotions_of(faces: FaceSet, scheme: str) -> NDArray[np.bool_]:
    """(8,) which of `labels.EMOTIONS` a scheme can name."""
    return np.asarray(~np.isnan(faces.targets[scheme]).all(axis=0))


def renormalised(probabilities: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 8) -> (n, k) over these emotions alone, rows summing to 1.

    A row whose whole mass lies on other emotions becomes uniform: the model said nothing about these.

    Raises:
        ValueError: NaN among these emotions.
    """
    kept = np.asarray(probabilities, np.float64)[:, classes]
    if np.isnan(kept).any():
        names = ", ".join(EMOTIONS[c] for c in classes)
        raise ValueError(f"probabilities: NaN among {names}")
    total = kept.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, kept / np.where(total > 0, total, 1), 1 / len(classes)))
