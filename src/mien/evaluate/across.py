"""One model on several data sets, each with the classes that the two have in common, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet, one_hot
from mien.ensemble.ensemble_file import is_ensemble_file
from mien.errors import MienError
from mien.evaluate.answers import answers_of
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.comparison import rounded
from mien.evaluate.evaluation import evaluate
from mien.evaluate.label_scheme import emotions_of
from mien.evaluate.predictions import Predictions
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.probabilities_file import is_probabilities_file
from mien.evaluate.scores import Evaluation, score
from mien.labels import EMOTIONS


@dataclass(frozen=True, slots=True)
class AcrossRow:
    """A model on one data set.

    Attributes:
        model, trained_on, data, split, labels: as in `Evaluation`.
        n: rows judged, all of classes that model and labels have in common.
        classes: these classes.
        only_data: classes that the labels alone have -> their rows, left out.
        only_model: classes that the model alone has -> the judged rows on which it would have said them; its
            probabilities are normalised anew without them.
        mapping: classes that were merged into others on both sides -> into which.
        top1, macro_f1, ece: percentages; top1_ci95: the bootstrap interval.
        notes: what a reader must know, in sentences.
        evaluation: all the scores; not part of `to_dict`.
    """

    model: str
    trained_on: str
    data: str
    split: str
    labels: str
    n: int
    classes: list[str]
    only_data: dict[str, int]
    only_model: dict[str, int]
    mapping: dict[str, str]
    top1: float
    top1_ci95: list[float]
    macro_f1: float
    ece: float
    notes: list[str]
    evaluation: Evaluation = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits."""
        found: dict[str, Any] = rounded({f.name: getattr(self, f.name) for f in fields(self) if f.name != "evaluation"})
        return found


def across(
    model: str | Path | Predictor,
    datasets: Sequence[str | Path | FaceSet],
    split: str | None = None,
    labels: str | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    device: str = "auto",
    batch: int = 256,
    seed: int = 0,
) -> list[AcrossRow]:
    """Evaluate a model on each data set.

    Args:
        model: what runs: a bundled name, .onnx, run, .safetensors, or an opened predictor.
        datasets: paths as for `mien.load_dataset`, or FaceSets.
        split: of each; None takes its test split, or every row where it has no splits.
        labels: the label scheme, of the data sets that have it; else, and for None, what the model was trained
            on, or a data set's own.
        mapping: emotions that count as another, e.g. {"contempt": "disgust"}: labels are renamed, and the
            model's probability of the one is added to that of the other.
        device, batch, seed: as for `evaluate`.

    Raises:
        MienError: saved probabilities, an unknown emotion in the mapping, or what `evaluate` raises.
    """
    if is_probabilities_file(model) or is_ensemble_file(model):
        raise MienError(f"{model}: probabilities of one data set; name a model that can be run on several")
    merges = _checked(mapping or {})
    name = str(model) if isinstance(model, str | Path) else model.spec.name
    from mien.datasets.load import load_dataset

    sets = [one if isinstance(one, FaceSet) else load_dataset(one) for one in datasets]
    if labels is not None and not any(labels in faces.emotion_schemes for faces in sets):
        have = ", ".join(sorted({scheme for faces in sets for scheme in faces.emotion_schemes})) or "none"
        raise MienError(f"{name}: none of the data sets has {labels} labels; they have {have}")
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    out = []
    for faces in sets:
        merged = _merged_labels(faces, merges)
        wanted = labels if labels in faces.emotion_schemes else None
        found = evaluate(predictor, merged, split, labels=wanted, batch=batch, seed=seed)
        predictions = replace(_merged_answers(found.predictions, merges), model=name)
        if merges:
            found = score(predictions, seed)
        nameless = answers_of(name, predictor.spec, wanted).column < 0
        out.append(_row(replace(found, model=name), predictions, merged, nameless, merges))
    return out


def _checked(mapping: Mapping[str, str]) -> dict[str, str]:
    for old, new in mapping.items():
        if unknown := [name for name in (old, new) if name not in EMOTIONS]:
            raise MienError(f"mapping {old} -> {new}: unknown emotion {unknown[0]}; known: {', '.join(EMOTIONS)}")
        if old == new or new in mapping:
            raise MienError(f"mapping {old} -> {new}: {new} is mapped itself; name where each class ends up")
    return dict(mapping)


def _merged_labels(faces: FaceSet, merges: Mapping[str, str]) -> FaceSet:
    """The data set with labels renamed, each row's one label in place of what annotators' shares there were."""
    if not merges:
        return faces
    place = np.arange(len(EMOTIONS))
    for old, new in merges.items():
        place[EMOTIONS.index(old)] = EMOTIONS.index(new)
    targets: dict[str, NDArray[np.float32]] = dict(faces.targets)
    for scheme in faces.emotion_schemes:
        hard, names = faces.hard(scheme), emotions_of(faces, scheme)
        kept = tuple(EMOTIONS[c] for c in np.unique(place[names]))
        targets[scheme] = one_hot(np.where(hard == UNLABELLED, UNLABELLED, place[hard]), kept)
    return faces.replace(targets=targets, votes=None, content=faces.content or faces.digest())


def _merged_answers(predictions: Predictions, merges: Mapping[str, str]) -> Predictions:
    """The predictions with the probability of merged emotions added to that of those they count as.

    Raises:
        MienError: a model that answers merged classes itself.
    """
    if not merges:
        return predictions
    if predictions.names != EMOTIONS:
        raise MienError(f"{predictions.model}: answers merged classes already; leave the mapping out")

    def merged(values: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        if values is None:
            return None
        out = values.copy()
        for old, new in merges.items():
            a, b = EMOTIONS.index(old), EMOTIONS.index(new)
            out[..., b] = np.where(np.isnan(out[..., a]), out[..., b], out[..., b] + out[..., a])
            out[..., a] = np.nan
        return out

    probabilities = merged(predictions.probabilities)
    assert probabilities is not None
    return replace(
        predictions, probabilities=probabilities, averaged=merged(predictions.averaged),
        branches=merged(predictions.branches), logits=None,
    )  # fmt: skip


def _row(
    found: Evaluation,
    predictions: Predictions,
    faces: FaceSet,
    nameless: NDArray[np.bool_],
    merges: Mapping[str, str],
) -> AcrossRow:
    """`nameless` says of the eight emotions which the model has no answer for."""
    _, inside = chosen_split(faces, found.split)
    given = faces.hard(found.labels)[inside]
    counts = np.bincount(given[given != UNLABELLED], minlength=len(EMOTIONS))
    beside = ~np.isnan(predictions.probabilities).all(axis=0) & ~predictions.emotions
    said = np.nanargmax(predictions.probabilities, axis=1)
    return AcrossRow(
        model=found.model,
        trained_on=found.trained_on,
        data=found.data,
        split=found.split,
        labels=found.labels,
        n=found.n,
        classes=list(found.classes),
        only_data={EMOTIONS[c]: int(counts[c]) for c in np.flatnonzero((counts > 0) & nameless)},
        only_model={predictions.names[c]: int((said == c).sum()) for c in np.flatnonzero(beside)},
        mapping=dict(merges),
        top1=found.top1,
        top1_ci95=list(found.top1_ci95),
        macro_f1=found.macro_f1,
        ece=found.ece,
        notes=_notes(found, merges),
        evaluation=found,
    )


def _notes(found: Evaluation, merges: Mapping[str, str]) -> list[str]:
    notes = [f"{old} counts as {new}." for old, new in merges.items()]
    return [*notes, *(note for note in found.notes if not note.startswith("No deduplicated"))]
