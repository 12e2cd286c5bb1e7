"""A network of branches that vote: their votes, their mean, and who dissents.

How far they disagree is `mien.runtime.branch_disagreement`, which the runtime needs as well.
"""

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


def dissent(probabilities: Floats) -> NDArray[np.float64]:
    """(b, n, k) -> (n,) in 0..1: the share of branches that do not say what most of them say."""
    return np.asarray(1 - votes(probabilities).max(axis=1) / len(probabilities))
