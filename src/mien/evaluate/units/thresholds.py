"""Thresholds of units, fitted on faces that nothing is reported on, and kept in the model's calibration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.calibrate.allowed_split import refuse_learnt, split_to_fit
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor
from mien.evaluate.side_by_side import fitting_split
from mien.evaluate.units.outputs import HeadOutputs, labels_of, outputs_of, split_of
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import UNIT_HEADS, calibration
from mien.score.multilabel import per_unit
from mien.score.unit_thresholds import best_thresholds

KEY = "thresholds"
"""In ModelSpec.calibration[head]: unit -> the probability from which on it is said."""
FITTED_ON = "thresholds_fitted_on"


def stored_thresholds(spec: ModelSpec, head: Head) -> dict[str, float]:
    """Unit -> threshold as `mien calibrate --head` kept them; empty before."""
    return {str(unit): float(value) for unit, value in calibration(spec, head).get(KEY, {}).items()}


def fitted_thresholds(outputs: HeadOutputs, head: Head) -> dict[str, float]:
    """Unit -> the threshold of its best F1 on these rows, for the units that they code."""
    units, targets = labels_of(head, outputs.faces)
    return dict(zip(units, best_thresholds(targets, outputs.values(head, units)).tolist(), strict=True))


def outputs_to_fit(
    name: str,
    predictor: Predictor,
    faces: FaceSet,
    split: str,
    heads: list[Head],
    *,
    judged: str | None = None,
    excluded: Any = None,
    batch: int = 256,
    progress: Progress | None = None,
) -> HeadOutputs:
    """What the model says of a split that thresholds may be fitted on.

    Args:
        judged: the split that scores are then reported of; None where it is of another set.

    Raises:
        MienError: a test split, one that the model learnt, the very split that is judged, or no labels.
    """
    split = fitting_split(faces, split)
    if judged is not None:
        kept, reported = split_of(faces, split)[1], split_of(faces, judged)[1]
        if (kept & reported).any():
            raise MienError(
                f"--fit-on {split}: the same faces are judged, which flatters them; judge another --split than {judged}"
            )
    split = split_to_fit(faces, split)
    refuse_learnt(name, predictor.spec, faces, split)
    return outputs_of(name, predictor, faces, split, heads, excluded=excluded, batch=batch, progress=progress)


def with_thresholds(
    predictor: Predictor,
    name: str,
    faces: FaceSet,
    head: Head,
    split: str | None = None,
    *,
    excluded: Any = None,
    progress: Progress | None = None,
) -> tuple[ModelSpec, dict[str, Any]]:
    """The model's ModelSpec with thresholds fitted for one head, and what was found, as JSON has it.

    Args:
        split: None takes the validation split.

    Raises:
        MienError: a head without units, a split that nothing may be fitted on, or no labels.
    """
    if head.kind not in UNIT_HEADS:
        raise MienError(f"{name}: head {head.name!r} says {head.kind}; thresholds are for {' or '.join(UNIT_HEADS)}")
    outputs = outputs_to_fit(
        name, predictor, faces, split_to_fit(faces, split), [head], excluded=excluded, progress=progress
    )
    found = fitted_thresholds(outputs, head)
    units, targets = labels_of(head, outputs.faces)
    said = outputs.values(head, units)
    before, after = per_unit(targets, said), per_unit(targets, said, np.array([found[unit] for unit in units]))
    fitted_on = {
        "data": Path(outputs.data).name,
        "data_sha256": outputs.data_sha256,
        "split": outputs.split,
        "n": len(outputs),
    }
    spec = predictor.spec
    kept: Mapping[str, Any] = spec.calibration.get(head.name, {})
    # a unit that these faces do not code keeps what was fitted on others
    stored = {**kept, KEY: {**kept.get(KEY, {}), **found}, FITTED_ON: fitted_on}
    document = {
        "model": name, "head": head.name, **fitted_on, "thresholds": found,
        "units": {
            unit: {"n": int(after.n[u]), "positive": int(after.positive[u]), "threshold": found[unit],
                   "f1_at_half": float(before.f1[u]), "f1": float(after.f1[u])}
            for u, unit in enumerate(units)
        },
        "mean_f1_at_half": before.macro("f1"), "mean_f1": after.macro("f1"),
    }  # fmt: skip
    return spec.replace(calibration={**spec.calibration, head.name: stored}), document
