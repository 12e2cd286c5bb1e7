"""Probabilities of several models in, probabilities of one out: pure functions of arrays, by name in COMBINERS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Combiner = Callable[[Floats, NDArray[np.float64]], NDArray[np.float64]]

COMBINERS: dict[str, Combiner] = {}
"""Name in an ensemble's file -> the rule: (m, n, k) probabilities and (m,) weights -> (n, k) probabilities."""
FITTED_WEIGHTS = ("weighted", "greedy")
"""Rules that are nothing without the weights that were fitted for them."""
_EDGE = 1e-6  # what a vote's winner by the tie rule is put ahead of the others


def combiner(name: str) -> Callable[[Combiner], Combiner]:
    def add(rule: Combiner) -> Combiner:
        COMBINERS[name] = rule
        return rule

    return add


def combine(name: str, probabilities: Floats, weights: Sequence[float] = ()) -> NDArray[np.float64]:
    """(m, n, k) probabilities of m models -> (n, k), rows summing to 1, by the rule of this name.

    Args:
        probabilities: of the same n rows and k classes, each row summing to 1.
        weights: one a model, 0 or more and not all 0; () weighs them alike. `max` takes none, `weighted` and
            `greedy` need them.

    Raises:
        ValueError: an unknown rule, another shape, NaN, or weights that cannot be meant.
    """
    if name not in COMBINERS:
        raise ValueError(f"unknown rule {name!r}: {', '.join(COMBINERS)}")
    values = np.asarray(probabilities, np.float64)
    if values.ndim != 3 or not values.shape[0] or np.isnan(values).any():
        raise ValueError(f"probabilities of shape {values.shape}: expected (models, rows, classes) without NaN")
    if problem := weights_problem(name, weights, len(values)):
        raise ValueError(problem)
    return COMBINERS[name](values, np.asarray(weights if len(weights) else np.ones(len(values)), np.float64))


def weights_problem(name: str, weights: Sequence[float], models: int) -> str:
    """What is wrong with the weights, in words; "" where nothing is."""
    if not len(weights):
        return f"{name} needs its fitted weights, one a member; or combine by mean" if name in FITTED_WEIGHTS else ""
    if name == "max":
        return "max takes the surest model's answer and no weights; leave weights out"
    if len(weights) != models:
        return f"{len(weights)} weights for {models} members; give one each"
    if not np.isfinite(weights).all() or min(weights) < 0 or not any(weights):
        return f"weights {list(weights)}; give numbers of 0 or more, not all 0"
    return ""


@combiner("mean")
def mean(probabilities: Floats, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted mean. With weight 1 each it orders classes as the sum of the Residual Masking Network's authors.

    `weighted` and `greedy` are the same with weights from `weights_fit` and `greedy`.
    """
    summed = np.tensordot(weights, probabilities, 1)
    return np.asarray(summed / summed.sum(axis=1, keepdims=True))


@combiner("max")
def largest(probabilities: Floats, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row's probabilities by the model with the largest one; of equally sure models the first."""
    return chosen(probabilities, probabilities)


def chosen(probabilities: Floats, outputs: Floats) -> NDArray[np.float64]:
    """Each row's probabilities by the model with the largest output; of equal ones the first model's.

    The arg-max is that of the (n, m * k) outputs side by side, modulo k, as EmotionGAN's study takes it of raw
    logits.

    Args:
        probabilities, outputs: (m, n, k), of the same models, rows and classes.
    """
    model = outputs.max(axis=2).argmax(axis=0)
    return np.asarray(probabilities[model, np.arange(probabilities.shape[1])], np.float64)


@combiner("vote")
def vote(probabilities: Floats, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each class's share of the votes, a model voting for its likeliest class with its weight.

    Classes with equal votes: the one whose weighted mean probability is larger wins, of equal ones the first; it
    is put a millionth ahead, so that the arg-max of what comes out is the winner.
    """
    classes = probabilities.shape[2]
    ballots = np.eye(classes)[probabilities.argmax(axis=2)]
    shares = np.tensordot(weights, ballots, 1) / weights.sum()
    leads = shares >= shares.max(axis=1, keepdims=True) - 1e-9
    support = np.where(leads, mean(probabilities, weights), -1)
    shares[np.arange(len(shares)), support.argmax(axis=1)] += _EDGE
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


for _fitted in FITTED_WEIGHTS:
    combiner(_fitted)(mean)
