"""Predictions whose calibration is known, because their labels were drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import softmax

MakePredictions = Callable[..., Predictions]
LABELS = SEVEN[::-1]
"""The head's own order is not that of `labels.EMOTIONS`."""


@pytest.fixture
def spec() -> ModelSpec:
    return ModelSpec("m", "tiny", (Head("emotion", "emotion", LABELS, "fer2013"),), 48, 48)


@pytest.fixture
def make_predictions() -> MakePredictions:
    """`make_predictions(n, seed, temperature=..., scale=..., bias=...)`: logits that these would calibrate.

    `scale` and `bias` are (7,) in the order of `labels.EMOTIONS`.
    """

    def make(
        n: int = 4000,
        seed: int = 0,
        temperature: float = 1.0,
        scale: Any = 1.0,
        bias: Any = 0.0,
        **changes: Any,
    ) -> Predictions:
        random = np.random.default_rng(seed)
        true = random.normal(0, 2, (n, 7))
        targets = (random.random((n, 1)) > softmax(true).cumsum(axis=1)).sum(axis=1).clip(0, 6)
        logits = np.full((n, 8), np.nan, np.float32)
        logits[:, :7] = temperature * (true - bias) / scale
        probabilities = np.full((n, 8), np.nan, np.float32)
        probabilities[:, :7] = softmax(logits[:, :7])
        facts: dict[str, Any] = {
            "model": "m", "trained_on": "fer2013", "data": "drawn", "data_sha256": "", "split": "PublicTest",
            "labels": "fer2013", "emotions": np.isin(EMOTIONS, SEVEN), "rows": np.arange(n), "targets": targets,
            "probabilities": probabilities, "logits": logits,
        }  # fmt: skip
        return Predictions(**{**facts, **changes})

    return make
