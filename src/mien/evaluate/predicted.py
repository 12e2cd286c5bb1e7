"""What any MODEL says of a split's rows, before anything is scored."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mien.datasets.face_set import FaceSet
from mien.ensemble.ensemble_file import Ensemble, is_ensemble_file, read_ensemble
from mien.errors import MienError, MissingExtraError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.ensemble_model import combined, needs_no_data
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities
from mien.evaluate.tta import averaging


def predicted(
    model: str | Path | Predictor,
    faces: FaceSet | None,
    split: str | None = None,
    *,
    labels: str | None = None,
    tta: str | bool | None = None,
    exclude: str | Path | None = None,
    device: str = "auto",
    batch: int = 256,
    seed: int = 0,
    copies: bool = False,
    progress: Progress | None = None,
) -> Predictions:
    """The probabilities of one model or ensemble; arguments and errors as for `evaluate`.

    Args:
        copies: look whether the rows' pictures also stand in other splits; minutes for a large one.
    """
    if is_ensemble_file(model):
        assert isinstance(model, str | Path)
        one = partial(
            predicted, faces=faces, split=split, labels=labels, tta=tta, exclude=exclude, device=device, batch=batch,
            seed=seed, copies=copies, progress=progress,
        )  # fmt: skip
        return combined(*members_said(model, faces, one), str(model))
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


def members_said(
    path: str | Path, faces: FaceSet | None, one: Callable[[str], Predictions]
) -> tuple[Ensemble, list[Predictions]]:
    """An ensemble file and what each of its members says by `one`; errors name the file and the member."""
    ensemble = read_ensemble(path)
    if faces is None and not needs_no_data(path):
        raise MienError(f"{path}: no data to evaluate its members on; add --data PATH")
    found = []
    for member in ensemble.members:
        try:
            found.append(one(member))
        except MissingExtraError:
            raise
        except MienError as error:
            raise MienError(f"{path}: member {error}") from error
    return ensemble, found


def _saved(
    path: str | Path,
    faces: FaceSet | None,
    split: str | None,
    labels: str | None,
    tta: str | bool | None,
    exclude: str | Path | None,
) -> Predictions:
    saved = load_probabilities(path, faces)
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
