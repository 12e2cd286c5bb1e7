"""Made-up members whose worth is known: some sound, one that guesses, one that is sure and wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Made = tuple[NDArray[np.float64], NDArray[np.int64]]


@pytest.fixture
def members() -> Callable[..., Made]:
    """`members(n, signals, seed)` -> (m, n, 4) probabilities and (n,) classes; signal 0 knows nothing."""

    def make(n: int = 1500, signals: tuple[float, ...] = (2.0, 1.5, 0.0), seed: int = 0) -> Made:
        random = np.random.default_rng(seed)
        targets = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
        logits = random.normal(size=(len(signals), n, 4)) * np.where(np.array(signals) == 0, 4, 1)[:, None, None]
        logits[:, np.arange(n), targets] += np.array(signals)[:, None]
        e = np.exp(logits - logits.max(axis=2, keepdims=True))
        return e / e.sum(axis=2, keepdims=True), targets

    return make
