"""`mien.evaluate`: a model's scores on a split of a data set."""

from __future__ import annotations

from pathlib import Path

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities
from mien.evaluate.scores import Evaluation, score


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
            (.npz), or an object with `spec` and `logits`.
        data: a path, as for `mien.load_dataset`, or a FaceSet with all its splits (duplicates are looked for
            among the others). Saved probabilities need none; where it is given, they must be of it.
        split: see `chosen_split`; None takes the test split, for FER2013 PrivateTest.
        labels: "fer2013" or "ferplus"; None takes what the model was trained on.
        tta: "mirror" also averages each face with its mirror image, reported apart from the plain scores.
        exclude: CSV whose column `row` names rows of the data set to leave out.
        ferplus: FER+'s fer2013new.csv, where its votes are not in the data.
        device: auto, cpu or cuda, for runs and checkpoints.
        batch: faces that go through the model at once.
        seed: of the bootstrap.
        progress: told how many rows are done, and of how many.

    Emotions that only one of model and labels has are left out: their rows are dropped and counted in
    `dropped`, and probabilities are normalised anew over the emotions that both have.

    Raises:
        MienError: an unknown model, data set, split or label scheme, each in one line.
        MissingExtraError: a run or checkpoint without torch.
    """
    if is_probabilities_file(model):
        assert isinstance(model, str | Path)
        return score(_saved(model, _faces(data, ferplus), split, labels, tta, exclude), seed)
    faces = _faces(data, ferplus)
    name = str(model) if isinstance(model, str | Path) else model.spec.name
    if faces is None:
        raise MienError(f"{name}: no data to evaluate on; add --data PATH")
    chosen_split(faces, split)  # a wrong name is told before a model is opened
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    averaging = "mirror" if tta is True else tta or None
    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    return score(
        predict(
            name, predictor, faces, split, labels=labels, tta=averaging, excluded=excluded, batch=batch,
            progress=progress,
        ),
        seed,
    )  # fmt: skip


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
    if tta and saved.mirrored is None:
        raise MienError(f"{path}: saved without --tta mirror; save it again with it, or leave it out")
    return saved
