"""A calibration from logits of labelled faces: scaling, prior, sets and abstention, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import MienError
from mien.evaluate.answers import answers_of
from mien.evaluate.calibrate.abstention import Signs, thresholds
from mien.evaluate.calibrate.measure import columns_of, emotion_of, measured
from mien.evaluate.calibrate.scaling import (
    Fit,
    Floats,
    comparison,
    cross_fitted,
    fit_temperature,
    fit_vector,
    preferred,
)
from mien.evaluate.calibrate.settings import Settings
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import softmax
from mien.score.accuracy import hits
from mien.score.conformal import threshold_quantile

FITS: Mapping[str, Fit] = {"temperature": fit_temperature, "vector": fit_vector}


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found.

    Attributes:
        spec: the model's, with `stored` as its head's calibration.
        head: the calibrated head.
        stored: see docs/calibration.md.
        method: temperature or vector.
        compared: method -> cross-fitted `nll`, `ece`, `top1`.
        before, after: see `measure.measured`, without calibration and with; after is cross-fitted, so that no face
            is measured by what its own label helped to fit.
        predictions: the faces that it was fitted on.
        probabilities: (n, 8) before and after, as measured.
    """

    spec: ModelSpec
    head: Head
    stored: dict[str, Any]
    method: str
    compared: dict[str, dict[str, float]]
    before: dict[str, Any]
    after: dict[str, Any]
    predictions: Predictions = field(repr=False)
    probabilities: tuple[Floats, Floats] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As `mien calibrate --json` prints it, without the file and the report."""
        p = self.predictions
        return {
            "model": p.model, "data": p.data, "data_sha256": p.data_sha256, "split": p.split, "labels": p.labels,
            "n": len(p), "head": self.head.name, "method": self.method, "calibration": self.stored,
            "compared": self.compared, "before": self.before, "after": self.after,
        }  # fmt: skip


def fitted(spec: ModelSpec, predictions: Predictions, signs: Signs, settings: Settings) -> Calibration:
    """The calibration from predictions with logits; arguments as for `calibrate_model`."""
    settings.check()
    head = _head_of(spec, predictions)
    columns = columns_of(head)
    shared = predictions.emotions[columns]  # labels of the head that the data set has as well
    assert predictions.logits is not None
    logits = np.asarray(predictions.logits, np.float64)[:, columns]
    targets = np.searchsorted(np.flatnonzero(predictions.emotions), predictions.targets)
    order = np.argsort(np.array(columns)[shared])  # positions in EMOTIONS rise, those in the head may not
    own = np.flatnonzero(shared)[order]
    missing = [head.labels[i] for i in range(len(columns)) if i not in own[np.unique(targets)]]
    if settings.method == "vector" and missing:
        raise MienError(
            f"{predictions.data}: no face of {missing[0]} in {predictions.split}, and vector scaling needs some of"
            f" every emotion; use --method temperature"
        )
    methods = ("temperature",) if missing else ("temperature", "vector")
    scaled = {m: cross_fitted(FITS[m], logits[:, own], targets, settings.seed) for m in methods}
    method = settings.method
    if method == "auto":
        method = preferred(scaled["temperature"], scaled["vector"], targets) if not missing else "temperature"
    final = FITS[method](logits[:, own], targets)
    stored = final.stored(tuple(head.labels[i] for i in own))
    held_out = _held_out(head, predictions, logits, own, targets, method, settings.seed)
    stored |= _prior(head, emotion_of(head, stored, predictions))
    stored |= _conformal(predictions, held_out, settings.coverage)
    stored |= _abstention(predictions, held_out, signs, settings)
    stored["fitted_on"] = {
        "data": Path(predictions.data).name, "data_sha256": predictions.data_sha256, "split": predictions.split,
        "labels": predictions.labels, "n": len(predictions),
    }  # fmt: skip
    plain = emotion_of(head, {}, predictions)
    return Calibration(
        spec=spec.replace(calibration={**spec.calibration, head.name: stored}),
        head=head,
        stored=stored,
        method=method,
        compared=comparison(scaled, targets),
        before=measured(head, {}, predictions, plain, signs),
        after=measured(head, stored, predictions, held_out, signs),
        predictions=predictions,
        probabilities=(plain, held_out),
    )


def _head_of(spec: ModelSpec, predictions: Predictions) -> Head:
    head = answers_of(predictions.model, spec, predictions.labels).head
    if head.kind != "emotion":
        raise MienError(f"{predictions.model}: head {head.name!r} merges emotions; heads that name each are calibrated")
    return head


def _held_out(
    head: Head,
    predictions: Predictions,
    logits: Floats,
    own: Any,
    targets: Any,
    method: str,
    seed: int,
) -> Floats:
    """(n, 8) probabilities, each face's by what was fitted on the other folds."""
    if len(own) == len(head.labels):
        said = softmax(cross_fitted(FITS[method], logits[:, own], targets, seed))
        out = np.full((len(logits), len(EMOTIONS)), np.nan)
        out[:, np.array(columns_of(head))[own]] = said
        return out
    # one temperature for all labels, also for those that the data set lacks: one number hardly learns a face
    return emotion_of(head, FITS[method](logits[:, own], targets).stored(()), predictions)


def _prior(head: Head, emotion: Floats) -> dict[str, Any]:
    """How common the model finds each emotion on these faces, which is what a correction starts from.

    The mean probability and not the labels' share: after vector scaling they agree, after temperature scaling they
    need not, and EM would take the difference for a shift.
    """
    mean = emotion[:, columns_of(head)].mean(axis=0)
    return {"prior": dict(zip(head.labels, map(float, mean), strict=True))}


def _conformal(predictions: Predictions, emotion: Floats, coverage: float) -> dict[str, Any]:
    columns = np.flatnonzero(~np.isnan(emotion).all(axis=0))
    targets = np.searchsorted(columns, predictions.targets)
    q = threshold_quantile(targets, emotion[:, columns], coverage)
    return {"conformal_q": q, "conformal_coverage": coverage, "conformal_n": len(targets)}


def _abstention(predictions: Predictions, emotion: Floats, signs: Signs, settings: Settings) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if settings.signs:
        columns = np.flatnonzero(~np.isnan(emotion).all(axis=0))
        right = hits(np.searchsorted(columns, predictions.targets), emotion[:, columns])
        out = thresholds(
            emotion, right, signs, settings.abstain_by, rate=settings.abstain_rate, accuracy=settings.abstain_accuracy
        )  # fmt: skip
    given = {"size_below": settings.min_size, "blur_below": settings.min_sharpness}
    given = {key: value for key, value in given.items() if value is not None}
    return out | ({"abstain": {**out.get("abstain", {}), **given}} if given or "abstain" in out else {})
