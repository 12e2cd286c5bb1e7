"""When to decline: thresholds for what tells of a doubtful face, found on validation faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.branches import branch_disagreement
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Predictions
from mien.model_spec import ModelSpec
from mien.runtime.picture_quality import face_size, sharpness
from mien.runtime.probabilities import entropy_of
from mien.score.selective import threshold_for_accuracy, threshold_for_rate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """A sign of doubt: the key under which its threshold is stored, and 1 where low values are doubtful, else -1."""

    key: str
    sign: int


RULES: Mapping[str, Rule] = {
    "confidence": Rule("abstain_below", 1),
    "entropy": Rule("entropy_above", -1),
    "disagreement": Rule("disagreement_above", -1),
    "blur": Rule("blur_below", 1),
    "size": Rule("size_below", 1),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of n faces beside their probabilities; (n,) each, or None where it is not known.

    Attributes:
        disagreement: of the branches, 0..1.
        sharpness: see `mien.runtime.picture_quality`.
        size: shorter side of the face's box in pixels.
    """

    disagreement: Floats | None = None
    sharpness: Floats | None = None
    size: Floats | None = None


def signs_of(predictions: Predictions, faces: FaceSet, spec: ModelSpec, wanted: tuple[str, ...]) -> Signs:
    """The signs that `wanted`, names of RULES, ask for, of the predicted rows.

    Raises:
        MienError: an unknown name, or a sign that model or data set do not give.
    """
    if unknown := [name for name in wanted if name not in RULES]:
        raise MienError(f"--abstain-by {unknown[0]}: one of {', '.join(RULES)}")
    if "disagreement" in wanted and predictions.branches is None:
        raise MienError(f"--abstain-by disagreement: {predictions.model} has no branches; use confidence or entropy")
    chosen = faces.select(predictions.rows)
    if "size" in wanted and (chosen.box is None or not np.isfinite(chosen.box).all()):
        raise MienError(f"--abstain-by size: {faces.name} has no boxes of its faces; give --min-size PIXELS instead")
    size = face_size(chosen.box) if "size" in wanted and chosen.box is not None else None
    sharp = None
    if "blur" in wanted:
        parts = crops(chosen, spec.height, spec.width, spec.colour)
        sharp = np.concatenate([sharpness(part) for part in parts])
    apart = None
    if "disagreement" in wanted and predictions.branches is not None:
        apart = np.asarray(branch_disagreement(predictions.branches), np.float64)
    return Signs(apart, sharp, size)


def thresholds(
    emotion: NDArray[Any],
    right: NDArray[np.bool_],
    signs: Signs,
    by: tuple[str, ...],
    *,
    rate: float | None = None,
    accuracy: float | None = None,
) -> dict[str, Any]:
    """What the ModelSpec stores: `abstain_below`, and the other rules in `abstain`.

    A face is declined where any one rule says so. Rules share one rank: each declines the same share of the faces,
    just so many that all of them together decline the wanted rate, or that the rest has the wanted accuracy.

    Args:
        emotion: (n, 8) probabilities.
        right: (n,) whether the likeliest emotion is the label.
        by: names of RULES.
        rate: share of the faces to decline, 0..1; or
        accuracy: share of the answers that shall be right, 0..1.

    Raises:
        MienError: an accuracy that no threshold reaches.
    """
    values = {
        "confidence": np.nan_to_num(np.asarray(emotion, np.float64)).max(axis=1, initial=0),
        "entropy": entropy_of(emotion),
        "disagreement": signs.disagreement,
        "blur": signs.sharpness,
        "size": signs.size,
    }
    certainty = {name: RULES[name].sign * np.asarray(values[name], np.float64) for name in by}
    ranks = {name: _share_below(one) for name, one in certainty.items()}
    together = np.min(list(ranks.values()), axis=0)
    level = _level(together, right, rate, accuracy)
    if level is None:
        raise MienError(
            f"--abstain-accuracy {accuracy:g}: no threshold of {', '.join(by)} reaches it on these {len(right):,}"
            f" faces ({100 * right.mean():.1f} % right without); ask for less"
        )
    out: dict[str, Any] = {}
    for name, one in certainty.items():
        threshold = RULES[name].sign * float(one[ranks[name] >= level].min())
        if name == "confidence":
            out["abstain_below"] = threshold
        else:
            out.setdefault("abstain", {})[RULES[name].key] = threshold
    return out


def _level(certainty: Floats, right: NDArray[np.bool_], rate: float | None, accuracy: float | None) -> float | None:
    """The rank below which faces are declined; None where the accuracy cannot be had."""
    if rate is not None:
        return threshold_for_rate(certainty, rate)
    assert accuracy is not None  # one of the two is given
    return threshold_for_accuracy(right, certainty, accuracy)


def _share_below(values: Floats) -> Floats:
    """(n,) which share of all values is lower than each."""
    return np.asarray(np.searchsorted(np.sort(values), values, side="left") / len(values))
