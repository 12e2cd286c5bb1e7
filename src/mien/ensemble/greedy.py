"""Greedy selection: which models to average, and how often each, chosen one by one."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.fit_inputs import checked_fit, own_probabilities

ROUNDS = 50
_DIGITS = 9  # of an NLL; beyond them the same model added twice seems better than once
Goal = Literal["nll", "top1"]


def fit_greedy(
    probabilities: NDArray[Any], targets: NDArray[Any], *, rounds: int = ROUNDS, by: Goal = "nll"
) -> NDArray[np.int64]:
    """(m, n, k) probabilities of m models and (n,) classes -> (m,) how often each is in the mean; some 0.

    Forward selection with replacement (Caruana, Niculescu-Mizil, Crew & Ksikes 2004, section 2): each round adds
    the model whose addition makes the mean best on these rows, and the best mean met on the way is kept, of equal
    ones the one with fewer models. Without bagging or a library's best to start from, which the paper adds for
    hundreds of models.

    Rows to fit on are validation rows; a test split chooses nothing.

    Args:
        rounds: models that are added, counting repeats.
        by: `nll`, or `top1`, of which equal ones are told apart by nll.

    Raises:
        ValueError: shapes that do not fit, NaN, classes out of range, no rounds, an unknown goal.
    """
    values, labels = checked_fit(probabilities, targets)
    if rounds < 1 or by not in get_args(Goal):
        raise ValueError(f"rounds = {rounds}, by = {by!r}: expected 1 or more, and one of {', '.join(get_args(Goal))}")
    summed, counts = np.zeros(values.shape[1:]), np.zeros(len(values), np.int64)
    best, kept = (np.inf, np.inf), counts
    for done in range(1, rounds + 1):
        losses = _losses((summed + values) / done, labels, by)
        chosen = min(range(len(values)), key=losses.__getitem__)
        summed += values[chosen]
        counts[chosen] += 1
        if losses[chosen] < best:
            best, kept = losses[chosen], counts.copy()
    return kept


def _losses(means: NDArray[np.float64], labels: NDArray[np.int64], by: Goal) -> list[tuple[float, float]]:
    """One pair a candidate, lower is better; the second decides between equals."""
    nll = -np.log(own_probabilities(means, labels)).mean(axis=1)
    if by == "nll":
        return [(round(float(loss), _DIGITS), 0.0) for loss in nll]
    wrong = (means.argmax(axis=2) != labels).mean(axis=1)
    return [(float(a), round(float(b), _DIGITS)) for a, b in zip(wrong, nll, strict=True)]
