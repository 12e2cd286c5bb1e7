"""How far the branches of a network that votes disagree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.model_spec import ModelSpec
from mien.runtime.probabilities import softmax

Floats = NDArray[np.floating]


def disagreement(probabilities: Floats) -> NDArray[np.float64]:
    """(b, n, k) probabilities -> (n,) in 0..1: 0 where all branches say the same, 1 where they differ as much as b can.

    The entropy of the branches' mean less the mean of their entropies (their Jensen-Shannon divergence, and what
    knowing the branch would tell of the class), over its largest value log min(b, k). A face that every branch
    finds ambiguous in the same way has none. With one branch it is 0.
    """
    b, n, k = probabilities.shape
    if min(b, k) < 2:
        return np.zeros(n)
    values = np.asarray(probabilities, np.float64)
    between = entropy(values.mean(axis=0)) - entropy(values).mean(axis=0)
    return np.asarray((between / np.log(min(b, k))).clip(0, 1))


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., k) -> (...) in nats."""
    return np.asarray(-(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(axis=-1))


def of_emotions(spec: ModelSpec, branch_logits: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """(n, b, k) outputs of all heads -> (n,) the disagreement over emotions, as learnt and not calibrated.

    None for a model without an emotion head.
    """
    head = spec.emotion_head
    if head is None:
        return None
    said = branch_logits[..., spec.columns(head.name)]
    n, b, k = said.shape
    return disagreement(softmax(said.reshape(n * b, k)).reshape(n, b, k).swapaxes(0, 1))
