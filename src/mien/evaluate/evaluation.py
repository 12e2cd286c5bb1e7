"""`mien.evaluate`: a model's scores on a split of a data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.ensemble.ensemble_file import is_ensemble_file, read_ensemble
from mien.errors import MienError, MissingExtraError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.ensemble_model import combined, needs_no_data, rule_in_words
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities
from mien.evaluate.scores import Evaluation, score, top1_of
from mien.evaluate.tta import averaging


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
    copies: bool = True,
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
        copies: look whether the rows' pictures also stand in other splits; minutes for a large one.
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
        "copies": copies, "progress": progress,
    }  # fmt: skip
    if is_ensemble_file(model):
        assert isinstance(model, str | Path)
        return _ensemble(model, faces, split, settings, seed)
    return score(_predictions(model, faces, split, **settings), seed)


def _predictions(
    model: str | Path | Predictor,
    faces: FaceSet | None,
    split: str | None,
    *,
    labels: str | None,
    tta: str | bool | None,
    exclude: str | Path | None,
    device: str,
    batch: int,
    seed: int,
    copies: bool,
    progress: Progress | None,
) -> Predictions:
    """What one model says of the split's rows; arguments as for `evaluate`."""
    if is_probabilities_file(model):
        assert isinstance(model, str | Path)
        return _saved(model, faces, split, labels, tta, exclude)
    name = str(model) if isinstance(model, str | Path) else model.spec.name
    if faces is None:
        raise MienError(f"{name}: no data to evaluate on; add --data PATH")
    chosen_split(faces, split)  # a wrong name is told before a model is opened
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    way = averaging(tta)
    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    return predict(
        name, predictor, faces, split, labels=labels, tta=way.name if way else None, excluded=excluded, batch=batch,
        seed=seed, copies=copies, progress=progress,
    )  # fmt: skip


def _ensemble(
    path: str | Path, faces: FaceSet | None, split: str | None, settings: dict[str, Any], seed: int
) -> Evaluation:
    """The ensemble's scores with each member's own beside them."""
    ensemble = read_ensemble(path)
    if faces is None and not needs_no_data(path):
        raise MienError(f"{path}: no data to evaluate its members on; add --data PATH")
    found = []
    for member in ensemble.members:
        try:
            found.append(_predictions(member, faces, split, **settings))
        except MissingExtraError:
            raise
        except MienError as error:
            raise MienError(f"{path}: member {error}") from error
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


def _saved(
    path: str | Path,
    faces: FaceSet | None,
    split: str | None,
    labels: str | None,
    tta: str | bool | None,
    exclude: str | Path | None,
) -> Predictions:
    saved = load_probabilities(path)
    if faces is not None and (faces.content or faces.digest()) != saved.data_sha256:
        raise MienError(f"{path}: probabilities of another data set ({saved.data}); leave --data out")
    meant = chosen_split(faces, split)[0] if faces is not None and split is not None else split
    for option, asked, has in (("--split", meant, saved.split), ("--labels", labels, saved.labels)):
        if asked is not None and asked != has:
            raise MienError(f"{path}: probabilities for {has}, not {asked}; leave {option} out")
    if exclude is not None:
        raise MienError(f"{path}: saved probabilities hold the rows they were saved with; leave --exclude out")
    if (way := averaging(tta)) and way.name != saved.tta:
        had = f"with --tta {saved.tta}" if saved.tta else "without --tta"
        raise MienError(f"{path}: saved {had}; save it again with --tta {way.name}, or leave it out")
    return saved
