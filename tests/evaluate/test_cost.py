"""A model's time is measured on batches of its own kind of crop."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mien.evaluate.cost import milliseconds_per_face
from mien.evaluate.predictor import open_model
from mien.labels import SEVEN
from mien.model_spec import Head, ModelSpec


class Slow:
    """Takes half a millisecond a face, and a long while at first; keeps what it was shown."""

    spec = ModelSpec("slow", "fake", (Head("emotion", "emotion", SEVEN, "fer2013"),), 40, 60, colour="rgb")

    def __init__(self) -> None:
        self.shown: list[tuple[int, ...]] = []

    def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
        time.sleep(0.3 if not self.shown else 0.0005 * len(crops))
        self.shown.append(crops.shape)
        assert crops.dtype == np.uint8
        return np.zeros((len(crops), 7), np.float32)


def test_the_median_leaves_out_the_first_batch() -> None:
    slow = Slow()
    assert milliseconds_per_face(slow, batch=10, repeats=3) == pytest.approx(0.5, abs=0.4)
    assert slow.shown == [(10, 40, 60, 3)] * 4


def test_an_onnx_model_has_a_cost(tiny_model) -> None:
    assert 0 < milliseconds_per_face(open_model(tiny_model()), batch=2, repeats=1) < 1000


def test_nothing_cannot_be_timed() -> None:
    for wrong in ({"batch": 0}, {"repeats": 0}):
        with pytest.raises(ValueError, match="expected 1 or more"):
            milliseconds_per_face(Slow(), **wrong)
