"""`mien.evaluate`: a model's scores on a split of a data set."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.ensemble.ensemble_file import is_ensemble_file
from mien.evaluate.ensemble_model import combined, rule_in_words
from mien.evaluate.predicted import members_said, predicted
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor
from mien.evaluate.scores import Evaluation, score, top1_of


def evaluate(
    model: str | Path | Predictor,
    data: str | Path | FaceSet | None = None,
    split: str | None = None,
    *,
    labels: str | None = None,
    tta: str | bool | None = None,
    exclude: str | Path | None = None,
    ferplus: str | Path | None = None,
    device: str = "auto",
    batch: int = 256,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Score a model on a split.

    Args:
        model: a bundled name, an .onnx file, a run's folder, a .safetensors file, saved probabilities
            (.npz), an ensemble of such models (.toml), or an object with `spec` and `logits`.
        data: a path, as for `mien.load_dataset`, or a FaceSet with all its splits (duplicates are looked for
            among the others). Saved probabilities need none; where it is given, they must be of it.
        split: see `chosen_split`; None takes the test split, for FER2013 PrivateTest.
        labels: "fer2013" or "ferplus"; None takes what the model was trained on.
        tta: also average over views of each face, see `tta.averaging`; reported apart from the plain scores.
        exclude: CSV whose column `row` names rows of the data set to leave out.
        ferplus: FER+'s fer2013new.csv, where its votes are not in the data.
        device: auto, cpu or cuda, for runs and checkpoints.
        batch: faces that go through the model at once.
        seed: of the bootstrap and of random views.
        progress: told how many rows are done, and of how many.

    Emotions that only one of model and labels has are left out: their rows are dropped and counted in
    `dropped`, and probabilities are normalised anew over the emotions that both have.

    Raises:
        MienError: an unknown model, data set, split or label scheme, each in one line.
        MissingExtraError: a run or checkpoint without torch.
    """
    faces = _faces(data, ferplus)
    settings: dict[str, Any] = {
        "labels": labels, "tta": tta, "exclude": exclude, "device": device, "batch": batch, "seed": seed,
        "copies": True, "progress": progress,
    }  # fmt: skip
    if is_ensemble_file(model):
        assert isinstance(model, str | Path)
        return _ensemble(model, faces, split, settings, seed)
    return score(predicted(model, faces, split, **settings), seed)


def _ensemble(
    path: str | Path, faces: FaceSet | None, split: str | None, settings: dict[str, Any], seed: int
) -> Evaluation:
    """The ensemble's scores with each member's own beside them."""
    ensemble, found = members_said(path, faces, partial(predicted, faces=faces, split=split, **settings))
    scores = score(combined(ensemble, found, str(path)), seed)
    alone = [
        {"model": member, "top1": top1_of(predictions)}
        for member, predictions in zip(ensemble.members, found, strict=True)
    ]
    return replace(scores, members=alone, notes=[rule_in_words(ensemble, found), *scores.notes])


def _faces(data: str | Path | FaceSet | None, ferplus: str | Path | None) -> FaceSet | None:
    if data is None or isinstance(data, FaceSet):
        return data
    from mien.datasets.load import load_dataset

    return load_dataset(data, ferplus=ferplus)
