"""All heads of a model on a split of a data set, each on the faces that have its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.affect import AffectScores, score_affect
from mien.evaluate.answers import JUDGED
from mien.evaluate.comparison import rounded
from mien.evaluate.evaluation import evaluate
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.scores import Evaluation, versions
from mien.evaluate.units.intensities import IntensityScores, score_intensities
from mien.evaluate.units.occurrence import UnitScores, score_units
from mien.evaluate.units.one_head import OneHead
from mien.evaluate.units.outputs import (
    EMOTION_UNITS,
    INTENSITY,
    KINDS,
    UNIT_HEADS,
    VALENCE_AROUSAL,
    HeadOutputs,
    labels_of,
    outputs_of,
    split_of,
)
from mien.evaluate.units.people import AUTO, drawn_by
from mien.evaluate.units.thresholds import fitted_thresholds, outputs_to_fit, stored_thresholds
from mien.model_spec import Head

Scores = UnitScores | IntensityScores | AffectScores
FEW = 10
"""Of fewer faces that show a unit its scores say little."""
_LACKS = {INTENSITY: "codes no intensity of its units", VALENCE_AROUSAL: "has neither valence nor arousal"}


@dataclass(frozen=True, slots=True)
class HeadsEvaluation:
    """Scores of one model on one split, head by head.

    Attributes:
        emotions: head -> what `mien.evaluate` says of it.
        heads: head -> scores of the others.
        not_scored: head -> why not.
        dropped: rows that no head but an emotion's was judged on, by reason.
        notes: what a reader must know, in sentences.
        outputs: what `heads` were scored from; None where there are none.
    """

    model: str
    data: str
    data_sha256: str
    split: str
    emotions: Mapping[str, Evaluation]
    heads: Mapping[str, Scores]
    not_scored: Mapping[str, str]
    dropped: Mapping[str, int]
    notes: list[str]
    outputs: HeadOutputs | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As docs/units.md has it: the first emotion head's document where one was scored, with `heads` beside."""
        first = next(iter(self.emotions.values()), None)
        document: dict[str, Any] = {
            "model": self.model, "data": self.data, "data_sha256": self.data_sha256, "split": self.split,
            "n": 0 if self.outputs is None else len(self.outputs), "versions": versions(),
        }  # fmt: skip
        if first is not None:
            document |= first.to_dict()
        others = {name: one.to_dict() for name, one in self.emotions.items() if one is not first}
        document["heads"] = rounded({name: one.to_dict() for name, one in self.heads.items()}) | others
        document["not_scored"] = dict(self.not_scored)
        document["notes"] = [*(first.notes if first else []), *self.notes]
        return document


def evaluate_heads(
    model: str | Path | Predictor,
    data: str | Path | FaceSet,
    split: str | None = None,
    *,
    heads: Sequence[str] = (),
    fit_on: str | None = None,
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
    over: str = AUTO,
    labels: str | None = None,
    tta: str | bool | None = None,
    exclude: str | Path | None = None,
    device: str = "auto",
    batch: int = 256,
    seed: int = 0,
    progress: Progress | None = None,
) -> HeadsEvaluation:
    """Score every head of a model for which the data set has labels.

    Args:
        model, data, split, labels, tta, exclude, device, batch, seed, progress: as for `mien.evaluate`; `labels` and
            `tta` are of heads of emotions. A set without any splits is taken whole whatever `split` says.
        heads: names of the heads to score; () for all.
        fit_on: a validation split of `data` on which each unit gets the threshold of its best F1; else those stored
            in the model are taken, else 0.5.
        thresholds: head -> unit -> threshold fitted elsewhere, in place of `fit_on`.
        over: whom intervals draw, see `people.drawn_by`.

    Raises:
        MienError: no such head or split, a split that nothing may be fitted on, or nothing to score, with the reasons.
        MissingExtraError: a run or checkpoint without torch.
    """
    faces = _faces(data)
    name = str(model) if isinstance(model, str | Path) else model.spec.name
    split, inside = split_of(faces, split)
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    spec = predictor.spec
    wanted = [spec.head(one) for one in heads] or list(spec.heads)
    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    lacking = {head.name: _lacks(head, faces.select(inside)) for head in wanted if head.kind in KINDS}
    found = [head for head in wanted if head.kind in KINDS and not lacking[head.name]]
    not_scored = {head: why for head, why in lacking.items() if why}
    judged = [head for head in wanted if head.kind in (*JUDGED, EMOTION_UNITS)]
    if tta and not judged:
        raise MienError(f"--tta averages emotions, and no head of {name} names any; leave it out")
    outputs, scores, fitted = None, {}, dict(thresholds or {})
    if found:
        how: dict[str, Any] = {"excluded": excluded, "batch": batch, "progress": progress}
        if fit_on is not None and (units := [head for head in found if head.kind in UNIT_HEADS]):
            held = outputs_to_fit(name, predictor, faces, fit_on, units, judged=split, **how)
            fit_on, fitted = held.split, {head.name: fitted_thresholds(held, head) for head in units}
        outputs = outputs_of(name, predictor, faces, split, found, **how)
        drawn = drawn_by(outputs.faces, over)
        scores = {head.name: _scored(outputs, head, fitted.get(head.name), fit_on, drawn, seed) for head in found}
    how = {"labels": labels, "tta": tta, "exclude": exclude, "batch": batch, "seed": seed, "progress": progress}
    emotions, refused = _emotions(predictor, name, faces, split, judged, how)
    not_scored |= refused
    if not scores and not emotions:
        raise MienError("; ".join(_unique(f"{faces.name}: {_without(why, faces)}" for why in not_scored.values())))
    return HeadsEvaluation(
        model=name,
        data=faces.name,
        data_sha256=faces.content or faces.digest(),
        split=split,
        emotions=emotions,
        heads=scores,
        not_scored=not_scored,
        dropped={} if outputs is None else outputs.dropped,
        notes=_notes(scores),
        outputs=outputs,
    )


def can_score(spec_heads: Sequence[Head], faces: FaceSet) -> bool:
    """Whether a set has labels for any of these heads that is none of emotions."""
    return any(head.kind in KINDS and not _lacks(head, faces) for head in spec_heads)


def _faces(data: str | Path | FaceSet) -> FaceSet:
    if isinstance(data, FaceSet):
        return data
    from mien.datasets.load import load_dataset

    return load_dataset(data)


def _lacks(head: Head, faces: FaceSet) -> str:
    """Why a head cannot be scored on these faces; "" where it can."""
    if labels_of(head, faces)[0]:
        return ""
    return f"the set {_LACKS.get(head.kind, 'codes none of its units')} ({head.name})"


def _scored(
    outputs: HeadOutputs,
    head: Head,
    fitted: Mapping[str, float] | None,
    fit_on: str | None,
    drawn: tuple[str, NDArray[np.str_] | None],
    seed: int,
) -> Scores:
    if head.kind == INTENSITY:
        return score_intensities(outputs, head, drawn=drawn, seed=seed)
    if head.kind == VALENCE_AROUSAL:
        return score_affect(outputs, head, drawn=drawn, seed=seed)
    kept = stored_thresholds(outputs.spec, head)
    if fitted is not None:
        return score_units(outputs, head, fitted, f"fitted on {fit_on or 'other faces'}", drawn=drawn, seed=seed)
    return score_units(outputs, head, kept, "the model" if kept else "0.5", drawn=drawn, seed=seed)


def _emotions(
    predictor: Predictor, name: str, faces: FaceSet, split: str, heads: Sequence[Head], how: Mapping[str, Any]
) -> tuple[dict[str, Evaluation], dict[str, str]]:
    """Heads of emotions as `mien.evaluate` scores them, and those that it refuses with its reasons."""
    only = sum(head.kind in JUDGED for head in predictor.spec.heads) == 1  # else `labels` would choose among them
    found, refused = {}, {}
    for head in heads:
        alone = OneHead(predictor, head)
        said = predictor if only and head.kind in JUDGED else alone
        try:
            found[alone.head.name] = _named(evaluate(said, faces, split, **how), name)
        except MienError as error:
            refused[alone.head.name] = str(error)
    return found, refused


def _named(found: Evaluation, name: str) -> Evaluation:
    return replace(found, model=name, predictions=replace(found.predictions, model=name))


def _without(why: str, faces: FaceSet) -> str:
    return why.removeprefix(f"{faces.name}: ")


def _unique(lines: Any) -> list[str]:
    return list(dict.fromkeys(lines))


def _notes(scores: Mapping[str, Scores]) -> list[str]:
    notes = []
    for name, one in scores.items():
        if isinstance(one, AffectScores):
            continue
        rare = [unit for u, unit in enumerate(one.units) if one.scores.positive[u] < FEW]
        if rare:
            notes.append(f"{name}: fewer than {FEW} faces show {', '.join(rare)}: their scores say little.")
        if one.not_coded:
            notes.append(f"{name}: the set does not code {', '.join(one.not_coded)}: not scored.")
        if isinstance(one, UnitScores):
            if one.thresholds_from == "0.5":
                notes.append(f"{name}: every unit's threshold is 0.5; --fit-on VALIDATION fits them.")
            elif absent := [unit for unit in one.units if one.thresholds[unit] == 0.5]:
                notes.append(f"{name}: {', '.join(absent)} keep 0.5: no face showed them where thresholds were fitted.")
            if one.protocol and one.protocol["missing"]:
                notes.append(
                    f"{name}: the mean over {one.protocol['name']}'s units lacks {', '.join(one.protocol['missing'])}."
                )
    return notes
