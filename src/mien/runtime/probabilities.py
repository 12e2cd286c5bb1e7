"""From a model's logits to probabilities of emotions, action units, valence and arousal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.units import STRONGEST
from mien.errors import MienError
from mien.labels import EMOTIONS, NO_UNIT
from mien.model_spec import Head, ModelSpec
from mien.runtime.prior import corrected

Floats = NDArray[np.float32]

UNIT_HEADS = ("action_units", "emotion_units")
"""Kinds of heads that say how likely units are."""
HALF = 0.5
"""From this probability on a unit is said to be shown, where `mien calibrate --head` has stored no threshold."""


def emotion_probabilities(spec: ModelSpec, logits: Floats, head: str | None = None) -> Floats:
    """Probabilities over `labels.EMOTIONS`, NaN in the columns of emotions that the head does not have.

    What `mien calibrate` stored for the head is applied, see `calibrated`.

    Args:
        logits: float32 (n, k), the model's whole output.
        head: which head; None takes the first of kind `emotion`, and where there is none the emotions of the first
            of kind `emotion_units`, see `emotions_alone`.

    Returns:
        float32 (n, 8), rows summing to 1; all NaN where no head names emotions.

    Raises:
        MienError: no such head, or one that names no emotions one by one.
    """
    chosen = spec.head(head) if head is not None else answering(spec)
    out = np.full((len(logits), len(EMOTIONS)), np.nan, np.float32)
    if chosen is None:
        return out
    if chosen.kind not in ("emotion", "emotion_units"):
        raise MienError(f"model {spec.name}: head {chosen.name!r} says {chosen.kind}, not emotions")
    alone, columns = emotions_alone(spec, chosen)
    if columns:
        said = calibrated(alone, calibration(spec, alone), logits[:, columns])
        out[:, [EMOTIONS.index(label) for label in alone.labels]] = said
    return out


def answering(spec: ModelSpec) -> Head | None:
    """The head whose emotions a face's row holds: the first of kind `emotion`, else of `emotion_units`; or None."""
    both = (head for head in spec.heads if head.kind == "emotion_units" and set(head.labels) & set(EMOTIONS))
    return spec.emotion_head or next(both, None)


def emotions_alone(spec: ModelSpec, head: Head) -> tuple[Head, list[int]]:
    """A head as one of emotions, and where its labels stand in the output `logits`.

    Of a head of kind `emotion_units` only the emotions are kept, and turned from a sigmoid each into one softmax: an
    emotion's share is its odds p / (1 - p) over the sum of all their odds. Their order stays the head's own; that
    they sum to 1 is our doing, since the head was taught each by itself. Any other head is given back as it is.
    """
    start = spec.columns(head.name).start
    if head.kind != "emotion_units":
        return head, list(range(start, start + len(head.labels)))
    kept = [at for at, label in enumerate(head.labels) if label in EMOTIONS]
    labels = tuple(head.labels[at] for at in kept)
    alone = replace(head, name=f"{head.name} emotions", kind="emotion", labels=labels, activation="softmax")
    return alone, [start + at for at in kept]


def calibrated(head: Head, stored: Mapping[str, Any], logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """One head's (n, k) logits -> (n, k) probabilities, by what is stored of its calibration.

    In this order: logits over `temperature` (Guo et al. 2017, "On calibration of modern neural networks", eq. 9),
    times `scale` and plus `bias` of the label (their vector scaling), softmax, and where there is a `target_prior`
    the correction from `prior` to it (Saerens et al. 2002, eq. 2.4). What is not stored changes nothing.
    """
    scaled = np.asarray(logits, np.float64) / float(stored.get("temperature", 1.0))
    if "scale" in stored:
        scaled = scaled * by_label(head, stored["scale"])
    if "bias" in stored:
        scaled = scaled + by_label(head, stored["bias"])
    probabilities = softmax(scaled)
    if "target_prior" in stored:
        old, new = by_label(head, stored["prior"]), by_label(head, stored["target_prior"])
        probabilities = corrected(probabilities, old, new)
    return probabilities


def by_label(head: Head, values: Mapping[str, float]) -> NDArray[np.float64]:
    """(k,) values in the order of the head's labels."""
    return np.array([float(values[label]) for label in head.labels])


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
    """Unit -> (n,) probability 0..1 that it is shown, in the order of numbers; empty where no head says any.

    Of heads of kind `action_units` and `emotion_units`, the first that has the unit; their column for no unit is left
    out. A sigmoid is taken as it is: calibration stores thresholds for units and moves no probability.
    """
    return _by_unit(spec, logits, UNIT_HEADS)


def intensities(spec: ModelSpec, logits: Floats) -> dict[str, Floats]:
    """Unit -> (n,) FACS intensity 0..5, in the order of numbers; empty where no head says any."""
    return {unit: values.clip(0, STRONGEST) for unit, values in _by_unit(spec, logits, ("intensity",)).items()}


def unit_names(spec: ModelSpec, kinds: tuple[str, ...] = UNIT_HEADS) -> tuple[str, ...]:
    """The units of all heads of these kinds, in the order of numbers."""
    return tuple(sorted(_first_heads(spec, kinds)))


def units_shown(spec: ModelSpec, said: Mapping[str, Floats]) -> dict[str, NDArray[np.bool_]]:
    """Unit -> (n,) whether it is shown: its probability reaches the threshold stored for its head, else HALF.

    Args:
        said: what `action_units` gives.
    """
    heads = _first_heads(spec, UNIT_HEADS)
    return {
        unit: values >= float(calibration(spec, heads[unit]).get("thresholds", {}).get(unit, HALF))
        for unit, values in said.items()
    }


def _by_unit(spec: ModelSpec, logits: Floats, kinds: tuple[str, ...]) -> dict[str, Floats]:
    heads = _first_heads(spec, kinds)
    said = {head.name: activate(head, logits[:, spec.columns(head.name)]) for head in heads.values()}
    return {unit: said[heads[unit].name][:, heads[unit].labels.index(unit)] for unit in sorted(heads)}


def _first_heads(spec: ModelSpec, kinds: tuple[str, ...]) -> dict[str, Head]:
    """Unit -> the first head of these kinds that has it."""
    found: dict[str, Head] = {}
    for head in spec.heads:
        if head.kind in kinds:
            for label in head.labels:
                if label not in (*EMOTIONS, NO_UNIT):
                    found.setdefault(label, head)
    return found


def valence_arousal(spec: ModelSpec, logits: Floats) -> tuple[Floats, Floats] | tuple[None, None]:
    """Two (n,) in -1..1, or two None where the model has no such head."""
    for head in spec.heads:
        if head.kind == "valence_arousal":
            values = activate(head, logits[:, spec.columns(head.name)]).clip(-1, 1)
            return values[:, head.labels.index("valence")], values[:, head.labels.index("arousal")]
    return None, None


def abstains(
    spec: ModelSpec,
    emotion: Floats,
    *,
    disagreement: NDArray[np.floating] | None = None,
    sharpness: NDArray[np.floating] | None = None,
    size: NDArray[np.floating] | None = None,
) -> NDArray[np.bool_]:
    """(n,) whether the model declines to name an emotion, by the calibrated rules; any one of them is enough.

    `abstain_below`: the likeliest of (n, 8) probabilities stays below it. In `abstain`: `entropy_above`, see
    `entropy_of`, `disagreement_above`, `blur_below` and `size_below`, of (n,) values which are handed over; a rule
    whose value is not known, or NaN, lets a face through.
    """
    head = spec.emotion_head
    out = np.zeros(len(emotion), np.bool_)
    if head is None:
        return out
    stored = calibration(spec, head)
    rules = stored.get("abstain", {})
    if (threshold := stored.get("abstain_below")) is not None:
        out |= np.nan_to_num(emotion).max(axis=1, initial=0) < float(threshold)
    if (threshold := rules.get("entropy_above")) is not None:
        out |= entropy_of(emotion) > float(threshold)
    if (threshold := rules.get("disagreement_above")) is not None and disagreement is not None:
        out |= disagreement > float(threshold)
    for key, values in (("blur_below", sharpness), ("size_below", size)):
        if (threshold := rules.get(key)) is not None and values is not None:
            out |= values < float(threshold)
    return out


def entropy_of(emotion: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, 8) probabilities -> (n,) their entropy over its largest value, 0 (sure) to 1 (uniform); NaN without any."""
    values = np.asarray(emotion, np.float64)
    known = ~np.isnan(values)
    p = np.where(known, values, 0.0)
    nats = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
    most = np.log(np.maximum(known.sum(axis=1), 2))
    return np.asarray(np.where(known.any(axis=1), nats / most, np.nan))


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


def calibration(spec: ModelSpec, head: Head) -> dict[str, Any]:
    """What `mien calibrate` stored for a head; empty before."""
    return dict(spec.calibration.get(head.name, {}))
