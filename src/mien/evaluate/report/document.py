"""report.json: every number of a report in one dictionary, from which the page is written."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mien
from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.answers import answers_of
from mien.evaluate.calibrate.abstention import RULES, Signs, signs_of
from mien.evaluate.calibrate.measure import emotion_of, measured
from mien.evaluate.comparison import rounded
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.evaluate.predictor import Predictor
from mien.evaluate.scores import Evaluation
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import calibration
from mien.score.calibration import expected_calibration_error, reliability
from mien.score.ranking import one_against_rest, precision_recall_curve, roc_curve

FORMAT = 1
_POINTS = 120  # of a curve: as many as one can see


def scored(evaluation: Evaluation, faces: FaceSet | None, predictor: Predictor | None) -> dict[str, Any]:
    """What follows from the predictions alone: evaluation, ranking, reliability, calibration, and why one is missing.

    Args:
        faces: the whole data set, for signs of doubt that need pictures or boxes; None where it is not at hand.
        predictor: whose ModelSpec holds the calibration; None where only predictions are known.
    """
    predictions = evaluation.predictions
    classes = np.flatnonzero(predictions.emotions)
    targets = np.searchsorted(classes, predictions.targets)
    now = renormalised(predictions.probabilities, classes)
    found, before, why = _calibration(predictions, faces, predictor)
    stages = ({} if before is None else {"before": renormalised(before, classes)}) | {"now": now}
    return {
        "format": FORMAT,
        "made": {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "mien": mien.__version__},
        "evaluation": evaluation.to_dict(),
        "ranking": _ranking(targets, now, evaluation.classes),
        "reliability": {
            "ece": {name: rounded(expected_calibration_error(targets, p)) for name, p in stages.items()},
            "tables": {name: _bins(targets, p) for name, p in stages.items()},
        },
        "calibration": rounded(found),
        "reasons": {"calibration": why, "sets": why} if why else {},
    }


def _ranking(targets: NDArray[np.int64], scores: NDArray[np.float64], names: Sequence[str]) -> dict[str, Any]:
    areas = one_against_rest(targets, scores)
    each = {}
    for c, name in enumerate(names):
        positive = targets == c
        each[name] = {
            "roc_auc": float(areas.roc_auc[c]),
            "average_precision": float(areas.average_precision[c]),
            "share": float(positive.mean()),
            "roc": [],
            "precision_recall": [],
        }
        if positive.any() and not positive.all():
            roc, recall = roc_curve(positive, scores[:, c]), precision_recall_curve(positive, scores[:, c])
            each[name]["roc"] = _thinned(roc.false_positive, roc.true_positive)
            each[name]["precision_recall"] = _thinned(recall.recall, recall.precision)
    found: dict[str, Any] = rounded(
        {
            "macro_roc_auc": areas.macro_roc_auc,
            "macro_average_precision": areas.macro_average_precision,
            "per_class": each,
        }
    )
    return found


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[list[float]]:
    """At most _POINTS points of a curve, spread evenly along it, its ends among them."""
    along = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    kept = np.unique(np.searchsorted(along, np.linspace(0, along[-1], _POINTS)).clip(0, len(x) - 1))
    points: list[list[float]] = np.stack([x[kept], y[kept]], axis=1).round(4).tolist()
    return points


def _bins(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> dict[str, Any]:
    table = asdict(reliability(targets, probabilities))
    found: dict[str, Any] = rounded({key: value.tolist() for key, value in table.items()})
    return found


def _calibration(
    predictions: Predictions, faces: FaceSet | None, predictor: Predictor | None
) -> tuple[dict[str, Any] | None, NDArray[np.float32] | None, str]:
    """What the model stores and what it is worth here, (m, 8) probabilities without it, and why there is none."""
    if predictor is None:
        return None, None, "Only predictions are known here, not the model that holds its calibration."
    head = answers_of(predictions.model, predictor.spec, predictions.trained_on).head
    stored = calibration(predictor.spec, head)
    if not stored:
        return None, None, "Nothing is stored with the model: it is not calibrated yet, see `mien calibrate`."
    if predictions.logits is None or not set(head.labels) <= set(EMOTIONS):
        return None, None, "The raw outputs are not known, or the head merges emotions."
    try:
        signs = _signs(predictions, faces, predictor.spec, stored)
        before = emotion_of(head, {}, predictions).astype(np.float32)
        found = {
            "stored": stored,
            "before": measured(head, {}, predictions, before.astype(np.float64), signs),
            "after": _after(head, stored, predictions, signs),
        }
    except MienError as error:
        return None, None, f"What is stored could not be judged here: {error}."
    return found, before, ""


def _after(head: Head, stored: Mapping[str, Any], predictions: Predictions, signs: Signs) -> dict[str, Any]:
    return measured(head, stored, predictions, emotion_of(head, stored, predictions), signs)


def _signs(predictions: Predictions, faces: FaceSet | None, spec: ModelSpec, stored: Mapping[str, Any]) -> Signs:
    """Of the stored rules those that this data set can tell of."""
    if faces is None:
        return Signs()
    chosen = faces.box[predictions.rows] if faces.box is not None else None
    known = {"blur": True, "size": chosen is not None and bool(np.isfinite(chosen).all())}
    known["disagreement"] = predictions.branches is not None
    rules = stored.get("abstain", {})
    wanted = tuple(name for name, has in known.items() if has and RULES[name].key in rules)
    return signs_of(predictions, faces, spec, wanted)
