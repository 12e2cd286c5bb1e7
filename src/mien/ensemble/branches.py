"""A network of branches that vote: their votes, their mean, and how far they disagree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def votes(probabilities: Floats) -> NDArray[np.int64]:
    """(b, n, k) probabilities or logits of b branches -> (n, k) how many branches say each class.

    A branch with two likeliest classes says the lower one. `votes(p).argmax(axis=1)` is the ensemble's answer:
    of classes with the same number of votes it, too, takes the lowest, as the published ESR does.
    """
    said = probabilities.argmax(axis=2)  # (b, n)
    classes = np.arange(probabilities.shape[2])
    return np.asarray((said[..., None] == classes).sum(axis=0), np.int64)


def mean(probabilities: Floats) -> NDArray[np.float64]:
    """(b, n, k) probabilities -> (n, k), the branches' mean."""
    return np.asarray(np.mean(probabilities, axis=0, dtype=np.float64))


def disagreement(probabilities: Floats) -> NDArray[np.float64]:
    """(b, n, k) probabilities -> (n,) in 0..1: 0 where all branches say the same, 1 where they differ as much as b can.

    The entropy of the branches' mean less the mean of their entropies (their Jensen-Shannon divergence, and what
    knowing the branch would tell of the class), over its largest value log min(b, k). A face that every branch
    finds ambiguous in the same way has none. With one branch it is 0.
    """
    b, n, k = probabilities.shape
    if min(b, k) < 2:
        return np.zeros(n)
    between = _entropy(mean(probabilities)) - _entropy(np.asarray(probabilities, np.float64)).mean(axis=0)
    return np.asarray((between / np.log(min(b, k))).clip(0, 1))


def dissent(probabilities: Floats) -> NDArray[np.float64]:
    """(b, n, k) -> (n,) in 0..1: the share of branches that do not say what most of them say."""
    return np.asarray(1 - votes(probabilities).max(axis=1) / len(probabilities))


def _entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., k) -> (...) in nats."""
    return np.asarray(-(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(axis=-1))
