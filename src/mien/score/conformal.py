"""Prediction sets that hold the true class as often as was asked for: split conformal prediction.

Scores tell how badly a class fits a face; a set holds every class whose score is at most the quantile of the true
classes' scores on calibration faces. If new faces come from where those came from, the true class is in the set with
at least the wanted probability, whatever the model (Vovk, Gammerman and Shafer 2005). Classes are positions 0..k-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.inputs import checked, checked_labels, checked_probabilities

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SetQuality:
    """What sets are worth.

    Attributes:
        n: faces.
        coverage: percent of faces whose true class is in their set.
        mean_size: classes in a set, on average; `single` and `empty`: percent of sets with one class, with none.
        by_class: (k,) coverage of the faces of each class, NaN for one without faces.
    """

    n: int
    coverage: float
    mean_size: float
    single: float
    empty: float
    by_class: Floats


def quantile(scores: NDArray[Any], coverage: float) -> float:
    """The ceil((n + 1) coverage)-th smallest of n scores; infinity where n is too small to promise so much.

    Args:
        scores: (n,) of calibration faces' true classes.
        coverage: wanted, between 0 and 1.

    Raises:
        ValueError: no scores, some that are NaN, or a coverage out of range.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or len(values) == 0 or np.isnan(values).any():
        raise ValueError(f"scores: shape {values.shape}, expected (n,) numbers with n at least 1")
    if not 0 < coverage < 1:
        raise ValueError(f"coverage {coverage}: expected between 0 and 1")
    rank = int(np.ceil((len(values) + 1) * coverage - 1e-9))  # 0.9 has no exact binary form
    return float(np.partition(values, rank - 1)[rank - 1]) if rank <= len(values) else float("inf")


def class_quantiles(scores: NDArray[Any], targets: NDArray[Any], classes: int, coverage: float) -> Floats:
    """(k,) a quantile for each class, from the scores of its own faces: coverage class by class (Mondrian).

    Infinity for a class with too few faces to promise so much: it is then in every set.

    Args:
        scores: (n,) of the true classes.
        targets: (n,) those classes.
    """
    labels, values = checked_labels(targets, classes), np.asarray(scores, np.float64)
    own = [values[labels == c] for c in range(classes)]
    return np.array([quantile(one, coverage) if len(one) else np.inf for one in own])


def threshold_scores(probabilities: NDArray[Any]) -> Floats:
    """(n, k) -> (n, k), 1 - p: the smallest sets on average (Sadinle, Lei and Wasserman 2019)."""
    return 1 - checked_probabilities(probabilities)


def adaptive_scores(probabilities: NDArray[Any], random: np.random.Generator | None = None) -> Floats:
    """(n, k) -> (n, k), the mass of all likelier classes and of this one: sets that grow on hard faces (APS).

    Romano, Sesia and Candès 2020. With `random` a class counts by a uniform share of its mass, one share a
    face, which gives the wanted coverage exactly but sets that depend on the draw and may be empty. Without, sets
    are never empty and cover more than was asked for.
    """
    values = checked_probabilities(probabilities)
    order = np.argsort(-values, axis=1, kind="stable")
    sums = np.cumsum(np.take_along_axis(values, order, axis=1), axis=1)
    mass = np.empty_like(values)
    np.put_along_axis(mass, order, sums, axis=1)
    return mass if random is None else mass - random.random((len(values), 1)) * values


def of_true(scores: NDArray[Any], targets: NDArray[Any]) -> Floats:
    """(n, k) scores -> (n,) those of the true classes."""
    values = np.asarray(scores, np.float64)
    labels = checked_labels(targets, values.shape[1])
    return np.asarray(np.take_along_axis(values, labels[:, None], axis=1)[:, 0])


def sets(scores: NDArray[Any], q: float | NDArray[Any], *, never_empty: bool = True) -> NDArray[np.bool_]:
    """(n, k) scores -> (n, k) which classes are in each set.

    Args:
        q: from `quantile`, or (k,) from `class_quantiles`.
        never_empty: the class that fits best is always in.
    """
    values = np.asarray(scores, np.float64)
    inside = values <= np.asarray(q, np.float64)
    return inside | (values == values.min(axis=1, keepdims=True)) if never_empty else inside


def set_quality(targets: NDArray[Any], inside: NDArray[np.bool_]) -> SetQuality:
    """How sets fare on labelled faces.

    Args:
        targets: (n,) classes.
        inside: (n, k) from `sets`.
    """
    labels = checked_labels(targets, inside.shape[1])
    hit = np.take_along_axis(inside, labels[:, None], axis=1)[:, 0]
    sizes = inside.sum(axis=1)
    n = np.bincount(labels, minlength=inside.shape[1])
    by_class = np.where(n > 0, 100 * np.bincount(labels, hit, inside.shape[1]) / np.maximum(n, 1), np.nan)
    return SetQuality(
        n=len(labels),
        coverage=100 * float(hit.mean()),
        mean_size=float(sizes.mean()),
        single=100 * float((sizes == 1).mean()),
        empty=100 * float((sizes == 0).mean()),
        by_class=by_class,
    )


def threshold_quantile(targets: NDArray[Any], probabilities: NDArray[Any], coverage: float) -> float:
    """The quantile of `threshold_scores` of the true classes, at most 1: the ModelSpec's `conformal_q`."""
    labels, values = checked(targets, probabilities)
    return min(quantile(of_true(threshold_scores(values), labels), coverage), 1.0)
