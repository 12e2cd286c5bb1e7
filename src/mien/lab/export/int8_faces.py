"""Faces that an int8 file is calibrated on, and others that it is compared on: never a test split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.datasets.splits import role
from mien.errors import MienError
from mien.evaluate.pixels import crops
from mien.model_spec import ModelSpec

FACES = 256
"""Faces to calibrate on: the extremes of a layer's answers change little with more of them."""
HELD_OUT = 500
SHARE = 0.8
"""Of a set without validation split, the share that may be calibrated on."""


@dataclass(frozen=True, slots=True)
class Int8Faces:
    """Crops as the model takes them, uint8 (n, h, w, c), and where they came from."""

    calibration: NDArray[np.uint8]
    held_out: NDArray[np.uint8]
    calibrated_on: dict[str, Any]  # data, sha256, split, n
    compared_on: dict[str, Any]  # split, n


def int8_faces(data: str, spec: ModelSpec, n: int = FACES, held_out: int = HELD_OUT, seed: int = 0) -> Int8Faces:
    """Draw `n` training faces, and `held_out` of the validation split or else of the training faces left over.

    Args:
        data: as `load_dataset` takes it; rows of a set without splits count as training faces.

    Raises:
        MienError: no such data, no training split in it, or too few faces.
    """
    faces = load_dataset(data)
    training, validation = _of_role(faces, "train"), _of_role(faces, "validation")
    if not faces.split.astype(bool).any():
        training = np.arange(len(faces))
    if len(training) < 2:
        have = ", ".join(sorted({str(s) for s in np.unique(faces.split)} - {""})) or "none"
        raise MienError(f"{data}: {len(training)} training faces (splits: {have}); int8 is calibrated on those alone")
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(training)
    if len(validation):
        chosen, others = shuffled[:n], rng.permutation(validation)
    else:
        n = min(n, max(1, int(SHARE * len(training))))
        chosen, others = shuffled[:n], shuffled[n:]
    chosen, others = np.sort(chosen), np.sort(others[:held_out])
    facts = {"data": data, "data_sha256": faces.content or faces.digest(), **_told(faces, chosen), "seed": seed}
    return Int8Faces(_crops(faces, chosen, spec), _crops(faces, others, spec), facts, _told(faces, others))


def _of_role(faces: FaceSet, wanted: str) -> NDArray[np.int64]:
    """The rows of the splits that are there for this; names that say nothing are for nothing."""
    splits = []
    for split in {str(s) for s in np.unique(faces.split)} - {""}:
        try:
            if role(split) == wanted:
                splits.append(split)
        except MienError:
            continue
    return np.flatnonzero(np.isin(faces.split, splits))


def _told(faces: FaceSet, rows: NDArray[np.int64]) -> dict[str, Any]:
    return {"split": ", ".join(sorted({str(s) for s in faces.split[rows]})), "n": len(rows)}


def _crops(faces: FaceSet, rows: NDArray[np.int64], spec: ModelSpec) -> NDArray[np.uint8]:
    return np.concatenate(list(crops(faces.select(rows), spec.height, spec.width, spec.colour)))
