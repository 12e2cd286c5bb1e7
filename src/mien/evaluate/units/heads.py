"""All heads of a model on a split of a data set, each on the faces that have its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.affect import score_affect
from mien.evaluate.answers import JUDGED
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor, open_model
from mien.evaluate.units.emotions import score_emotions
from mien.evaluate.units.evaluation import HeadsEvaluation, Scores
from mien.evaluate.units.intensities import score_intensities
from mien.evaluate.units.notes import HALF, notes_on
from mien.evaluate.units.occurrence import score_units
from mien.evaluate.units.outputs import (
    EMOTION_UNITS,
    INTENSITY,
    KINDS,
    VALENCE_AROUSAL,
    HeadOutputs,
    labels_of,
    outputs_of,
    split_of,
)
from mien.evaluate.units.people import AUTO, drawn_by, on_two_sides
from mien.evaluate.units.thresholds import fitted_thresholds, outputs_to_fit, stored_thresholds
from mien.model_spec import Head
from mien.runtime.probabilities import UNIT_HEADS

_Cuts = dict[str, tuple[Mapping[str, float], str]]
"""Head -> thresholds of its units, and where they come from."""
_LACKS = {INTENSITY: "codes no intensity of its units", VALENCE_AROUSAL: "has neither valence nor arousal"}


def evaluate_heads(
    model: str | Path | Predictor,
    data: str | Path | FaceSet,
    split: str | None = None,
    *,
    heads: Sequence[str] = (),
    fit_on: str | None = None,
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
    thresholds_from: str = "given",
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
        thresholds: head -> unit -> threshold fitted elsewhere, in place of `fit_on`; `thresholds_from` says where.
        over: whom intervals draw, see `people.drawn_by`.

    Raises:
        MienError: no such head or split, a split that nothing may be fitted on, or nothing to score, with the reasons.
        MissingExtraError: a run or checkpoint without torch.
    """
    faces = _faces(data)
    split, inside = split_of(faces, split)
    predictor = open_model(model, device) if isinstance(model, str | Path) else model
    name = str(model) if isinstance(model, str | Path) else predictor.spec.name
    wanted = [predictor.spec.head(one) for one in heads] or list(predictor.spec.heads)
    judged = [head for head in wanted if head.kind in (*JUDGED, EMOTION_UNITS)]
    if tta and not judged:
        raise MienError(f"--tta averages emotions, and no head of {name} names any; leave it out")
    lacking = {head.name: _lacks(head, faces.select(inside)) for head in wanted if head.kind in KINDS}
    found = [head for head in wanted if head.kind in KINDS and not lacking[head.name]]
    given: _Cuts = {head: (cuts, thresholds_from) for head, cuts in (thresholds or {}).items()}
    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    seen: dict[str, Any] = {"excluded": excluded, "batch": batch, "progress": progress}
    fitted = {} if fit_on is None else _fitted(name, predictor, faces, fit_on, found, judged=split, **seen)
    outputs = outputs_of(name, predictor, faces, split, found, **seen) if found else None
    scores = {} if outputs is None else _scores(outputs, found, {**given, **fitted}, over, seed)
    how = {"labels": labels, "tta": tta, "exclude": exclude, "batch": batch, "seed": seed, "progress": progress}
    emotions, refused = score_emotions(predictor, name, faces, split, judged, how)
    not_scored = {head: why for head, why in lacking.items() if why} | refused
    if not scores and not emotions:
        raise MienError("; ".join(dict.fromkeys(_of_set(why, faces) for why in not_scored.values())))
    return HeadsEvaluation(
        name, faces.name, faces.content or faces.digest(), split, emotions, scores, not_scored,
        dropped={} if outputs is None else outputs.dropped, notes=notes_on(scores, *on_two_sides(faces, inside), split),
        outputs=outputs, fitted={head: cuts for head, (cuts, _) in fitted.items()},
    )  # fmt: skip


def can_score(heads: Sequence[Head], faces: FaceSet) -> bool:
    """Whether a set has labels for any of these heads that is none of emotions."""
    return any(head.kind in KINDS and not _lacks(head, faces) for head in heads)


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


def _fitted(
    name: str, predictor: Predictor, faces: FaceSet, fit_on: str, heads: Sequence[Head], *, judged: str, **how: Any
) -> _Cuts:
    """Thresholds of the heads of units, fitted on a split that is not judged."""
    units = [head for head in heads if head.kind in UNIT_HEADS]
    if not units:
        raise MienError(f"--fit-on {fit_on}: fits units' thresholds, and no head of units is scored; leave it out")
    held = outputs_to_fit(name, predictor, faces, fit_on, units, judged=judged, **how)
    return {head.name: (fitted_thresholds(held, head), f"fitted on {held.split}") for head in units}


def _scores(
    outputs: HeadOutputs,
    heads: Sequence[Head],
    cuts: _Cuts,
    over: str,
    seed: int,
) -> dict[str, Scores]:
    found: dict[str, Scores] = {}
    drawn = drawn_by(outputs.faces, over)
    for head in heads:
        if head.kind == INTENSITY:
            found[head.name] = score_intensities(outputs, head, drawn=drawn, seed=seed)
        elif head.kind == VALENCE_AROUSAL:
            found[head.name] = score_affect(outputs, head, drawn=drawn, seed=seed)
        else:
            kept = stored_thresholds(outputs.spec, head)
            chosen, where = cuts.get(head.name, (kept, "the model" if kept else HALF))
            found[head.name] = score_units(outputs, head, chosen, where, drawn=drawn, seed=seed)
    return found


def _of_set(why: str, faces: FaceSet) -> str:
    return why if why.startswith(f"{faces.name}: ") else f"{faces.name}: {why}"
