"""Everything that `mien calibrate` finds out about a model from a validation split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.evaluate.calibrate.abstention import signs_of
from mien.evaluate.calibrate.allowed_split import refuse_learnt, split_to_fit
from mien.evaluate.calibrate.fitting import Calibration, fitted
from mien.evaluate.calibrate.measure import emotion_of, measured
from mien.evaluate.calibrate.settings import Settings
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import Predictor, open_model

__all__ = ["Calibration", "Settings", "calibrate_model", "predicted", "reported"]


def calibrate_model(
    model: str | Path | Predictor,
    faces: FaceSet,
    split: str | None = None,
    settings: Settings | None = None,
    *,
    name: str = "",
    labels: str | None = None,
    exclude: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Calibration:
    """Calibrate a model on a split that it has not learnt and that nothing is reported on.

    Args:
        model: a bundled name, an .onnx file, a run's folder or .safetensors file, or a predictor.
        split: None takes the validation split.
        name: what to call the model; as it was given, or as its ModelSpec says.
        labels, exclude, device, progress: as for `mien.evaluate`.

    Raises:
        MienError: a test split or one that the model learnt, settings out of range, or labels that do not suffice.
        MissingExtraError: a run or checkpoint without torch.
    """
    settings = settings or Settings()
    settings.check()
    split = split_to_fit(faces, split)
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    name = name or (str(model) if isinstance(model, str | Path) else predictor.spec.name)
    refuse_learnt(name, predictor.spec, faces, split)
    predictions = predicted(
        predictor, name, faces, split, labels=labels, exclude=exclude, progress=progress
    )  # fmt: skip
    signs = signs_of(predictions, faces, predictor.spec, settings.signs)
    return fitted(predictor.spec, predictions, signs, settings)


def reported(
    found: Calibration,
    predictor: Predictor,
    faces: FaceSet,
    split: str,
    settings: Settings,
    *,
    labels: str | None = None,
    exclude: str | Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """`split`, and `before` and `after` as in Calibration, of a split that the calibration has not seen."""
    name = found.predictions.model
    predictions = predicted(predictor, name, faces, split, labels=labels, exclude=exclude, progress=progress)
    signs = signs_of(predictions, faces, predictor.spec, settings.signs)
    states: dict[str, dict[str, Any]] = {"before": {}, "after": found.stored}
    return {"split": predictions.split, "labels": predictions.labels} | {
        when: measured(found.head, stored, predictions, emotion_of(found.head, stored, predictions), signs)
        for when, stored in states.items()
    }


def predicted(
    predictor: Predictor,
    name: str,
    faces: FaceSet,
    split: str,
    *,
    labels: str | None = None,
    exclude: str | Path | None = None,
    progress: Progress | None = None,
) -> Predictions:
    """What the model says of a split, raw logits included."""
    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    return predict(name, predictor, faces, split, labels=labels, excluded=excluded, progress=progress)
