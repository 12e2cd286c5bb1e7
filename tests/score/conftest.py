"""Labels and probabilities to score: plain, shifted, imbalanced, classes absent or never predicted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

CLASSES = 7
KINDS = ("plain", "shifted", "imbalanced", "absent", "never_predicted", "confident", "one_class")
Drawn = tuple[NDArray[np.int64], NDArray[np.float64]]


@pytest.fixture(params=[(kind, seed) for kind in KINDS for seed in range(3)], ids=lambda p: f"{p[0]}-{p[1]}")
def drawn(request: pytest.FixtureRequest) -> Drawn:
    """(400,) labels and (400, 7) probabilities, in each of KINDS, three draws of each."""
    kind, seed = request.param
    random = np.random.default_rng(100 * seed + KINDS.index(kind))
    shares = np.ones(CLASSES)
    if kind == "imbalanced":
        shares = np.array([500, 200, 80, 30, 10, 4, 1.0])
    elif kind == "absent":
        shares[[1, 6]] = 0
    elif kind == "one_class":
        shares[1:] = 0
    targets = random.choice(CLASSES, 400, p=shares / shares.sum())
    logits = random.normal(size=(400, CLASSES)) + 1.5 * np.eye(CLASSES)[targets]
    if kind == "shifted":
        logits[:, 3] += 2.0  # a model that says class 3 far too often
    elif kind == "never_predicted":
        logits[:, 2] = -30
    elif kind == "confident":
        logits *= 60  # probabilities of 0 and 1 to the last bit
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return targets, odds / odds.sum(axis=1, keepdims=True)
