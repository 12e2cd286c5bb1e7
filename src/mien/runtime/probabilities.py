"""From a model's logits to probabilities of emotions, action units, valence and arousal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec

Floats = NDArray[np.float32]


def emotion_probabilities(spec: ModelSpec, logits: Floats, head: str | None = None) -> Floats:
    """Probabilities over `labels.EMOTIONS`, NaN in the columns of emotions that the head does not have.

    Logits are divided by the head's temperature, `spec.calibration[head]["temperature"]`, where there is
    one (Guo et al. 2017, "On calibration of modern neural networks", eq. 9).

    Args:
        logits: float32 (n, k), the model's whole output.
        head: which emotion head; None takes the first.

    Returns:
        float32 (n, 8), rows summing to 1; all NaN where the model has no emotion head.

    Raises:
        MienError: no such head, or one that is not of kind `emotion`.
    """
    chosen = spec.head(head) if head is not None else spec.emotion_head
    out = np.full((len(logits), len(EMOTIONS)), np.nan, np.float32)
    if chosen is None:
        return out
    if chosen.kind != "emotion":
        raise MienError(f"model {spec.name}: head {chosen.name!r} says {chosen.kind}, not emotions")
    temperature = float(calibration(spec, chosen).get("temperature", 1.0))
    scaled = np.asarray(logits[:, spec.columns(chosen.name)], np.float64) / temperature
    out[:, [EMOTIONS.index(label) for label in chosen.labels]] = softmax(scaled)
    return out


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, k) -> (n, k), rows summing to 1; safe for large logits."""
    shifted = np.exp(np.asarray(logits, np.float64) - np.max(logits, axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def activate(head: Head, logits: Floats) -> Floats:
    """(n, k) logits of one head -> its values by `head.activation`: softmax, sigmoid, tanh or none."""
    values = np.asarray(logits, np.float64)
    if head.activation == "softmax":
        values = softmax(values)
    elif head.activation == "sigmoid":
        values = 0.5 * (1 + np.tanh(values / 2))  # the same as 1 / (1 + exp(-x)), without overflow
    elif head.activation == "tanh":
        values = np.tanh(values)
    return values.astype(np.float32)


def action_units(spec: ModelSpec, logits: Floats) -> dict[str, Floats]:
    """Unit -> (n,) probability or intensity; empty where the model has no such head."""
    for head in spec.heads:
        if head.kind == "action_units":
            values = activate(head, logits[:, spec.columns(head.name)])
            return {label: values[:, i] for i, label in enumerate(head.labels)}
    return {}


def valence_arousal(spec: ModelSpec, logits: Floats) -> tuple[Floats, Floats] | tuple[None, None]:
    """Two (n,) in -1..1, or two None where the model has no such head."""
    for head in spec.heads:
        if head.kind == "valence_arousal":
            values = activate(head, logits[:, spec.columns(head.name)]).clip(-1, 1)
            return values[:, head.labels.index("valence")], values[:, head.labels.index("arousal")]
    return None, None


def abstains(spec: ModelSpec, emotion: Floats) -> NDArray[np.bool_]:
    """(n,) whether the likeliest of (n, 8) probabilities stays below the calibrated `abstain_below`."""
    head = spec.emotion_head
    threshold = calibration(spec, head).get("abstain_below") if head else None
    if threshold is None:
        return np.zeros(len(emotion), np.bool_)
    return np.asarray(np.nan_to_num(emotion).max(axis=1, initial=0) < float(threshold))


def conformal_sets(spec: ModelSpec, emotion: Floats) -> tuple[tuple[str, ...], ...]:
    """For each face the emotions whose probability is at least 1 - `conformal_q`; () where not calibrated.

    The threshold set of split conformal prediction with the score 1 - p (Sadinle et al. 2019, "Least
    ambiguous set-valued classifiers"); never empty, since the likeliest emotion always stays.
    """
    head = spec.emotion_head
    q = calibration(spec, head).get("conformal_q") if head else None
    if q is None:
        return ()
    known = np.nan_to_num(emotion, nan=-1.0)
    keep = (known >= 1 - float(q)) | (known == known.max(axis=1, keepdims=True, initial=-1))
    return tuple(
        tuple(name for name, k, p in zip(EMOTIONS, row, values, strict=True) if k and p >= 0)
        for row, values in zip(keep, known, strict=True)
    )


def calibration(spec: ModelSpec, head: Head) -> dict[str, float]:
    """What `mien calibrate` stored for a head; empty before."""
    return dict(spec.calibration.get(head.name, {}))
