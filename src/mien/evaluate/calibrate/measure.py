"""How well a calibration does on labelled faces: probabilities, sets and abstention as the runtime would give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import abstains, calibrated, conformal_sets
from mien.score.accuracy import hits
from mien.score.calibration import brier, expected_calibration_error, negative_log_likelihood
from mien.score.conformal import set_quality
from mien.score.selective import aurc


def columns_of(head: Head) -> list[int]:
    """Where the head's labels stand in `labels.EMOTIONS`."""
    return [EMOTIONS.index(label) for label in head.labels]


def emotion_of(head: Head, stored: Mapping[str, Any], predictions: Predictions) -> NDArray[np.float64]:
    """(n, 8) probabilities of raw logits by what is stored, NaN where the head has no answer."""
    assert predictions.logits is not None  # predicted anew for a calibration
    out = np.full((len(predictions), len(EMOTIONS)), np.nan)
    columns = columns_of(head)
    out[:, columns] = calibrated(head, stored, predictions.logits[:, columns])
    return out


def measured(
    head: Head, stored: Mapping[str, Any], predictions: Predictions, emotion: NDArray[np.float64], signs: Signs
) -> dict[str, Any]:
    """What (n, 8) probabilities are worth; shares in percent.

    Args:
        stored: of which sets and rules of abstention are applied, as the runtime does.

    Returns:
        n, top1, ece, nll, brier and aurc over the emotions that head and labels share, as `mien evaluate` has
        them; and where they are stored `conformal` with coverage, mean_size, single, empty and by_class, and
        `abstention` with rate and top1 of the answers (None where all are declined).
    """
    classes = np.flatnonzero(predictions.emotions)
    targets = np.searchsorted(classes, predictions.targets)
    probabilities = renormalised(emotion.astype(np.float32), classes)
    right = hits(targets, probabilities)
    out: dict[str, Any] = {
        "n": len(predictions),
        "top1": 100 * float(right.mean()),
        "ece": expected_calibration_error(targets, probabilities),
        "nll": negative_log_likelihood(targets, probabilities),
        "brier": brier(targets, probabilities),
        "aurc": aurc(right, probabilities.max(axis=1)),
    }
    spec = ModelSpec("", "", (head,), 1, 1, calibration={head.name: dict(stored)})
    said = emotion.astype(np.float32)
    if sets := conformal_sets(spec, said):
        inside = np.array([[name in one for name in EMOTIONS] for one in sets])
        quality = set_quality(predictions.targets, inside)
        by_class = {EMOTIONS[i]: float(quality.by_class[i]) for i in classes if np.isfinite(quality.by_class[i])}
        shares = {key: getattr(quality, key) for key in ("coverage", "mean_size", "single", "empty")}
        out["conformal"] = {"asked": 100 * stored["conformal_coverage"], **shares, "by_class": by_class}
    if "abstain_below" in stored or stored.get("abstain"):
        declined = abstains(
            spec, said, disagreement=signs.disagreement, sharpness=signs.sharpness, size=signs.size
        )  # fmt: skip
        kept = right[~declined]
        out["abstention"] = {
            "rate": 100 * float(declined.mean()),
            "top1": 100 * float(kept.mean()) if len(kept) else None,
        }
    return out
