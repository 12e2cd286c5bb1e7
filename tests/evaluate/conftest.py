"""A drawn data set of three splits with known duplicates, and a predictor that needs no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.votes import distribution
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec


@dataclass
class BrightnessPredictor:
    """The brighter a face's left upper pixel, the later the emotion: of k labels pixel value i says label i."""

    labels: tuple[str, ...] = SEVEN
    trained_on: str = "fer2013"
    sure: float = 4.0
    training: dict[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> ModelSpec:
        head = Head("emotion", "emotion", self.labels, self.trained_on)
        return ModelSpec("bright", "fake", (head,), 48, 48, training=self.training)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        said = crops[:, 0, 0, 0].astype(int) % len(self.labels)
        return (self.sure * np.eye(len(self.labels))[said]).astype(np.float32)


def photograph(seed: int) -> NDArray[np.uint8]:
    """(64, 64) grey: a random landscape with the spectrum of photographs."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.rfftfreq(64), indexing="ij"))
    frequency[0, 0] = 1
    noise = np.fft.rfft2(random.normal(size=(64, 64))) / frequency**1.3
    picture = np.fft.irfft2(noise, s=(64, 64))
    picture = (picture - picture.mean()) / picture.std()
    return np.clip(128 + 40 * picture, 0, 255).astype(np.uint8)


def face(seed: int) -> NDArray[np.uint8]:
    """(48, 48) of `photograph`."""
    return np.asarray(cv2.resize(photograph(seed), (48, 48), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture
def faces() -> FaceSet:
    """60 faces: 30 Training, 15 PublicTest, 15 PrivateTest, labelled 0..6 in turn with FER+ votes.

    PrivateTest's first three rows (45, 46, 47) also stand in Training with the same pixels, and the next two
    (48, 49) nearly: brighter, and mirrored. The left upper pixel says the label, but for rows 50 and 51.
    """
    pixels = np.stack([face(seed) for seed in range(60)])
    label = np.arange(60) % 7
    label[45:50] = label[0:5]
    pixels[45:48] = pixels[0:3]
    pixels[48] = np.clip(pixels[3].astype(int) * 0.8 + 40, 0, 255)
    pixels[49] = pixels[4, :, ::-1]
    pixels[:, 0, 0] = label
    pixels[:, 0, -1] = label
    pixels[50:52, 0, 0] = (label[50:52] + 1) % 7
    votes = np.zeros((60, 10), np.int16)
    votes[np.arange(60), label] = 10
    votes[52] = [0, 0, 0, 0, 0, 0, 0, 10, 0, 0]  # contempt
    votes[53] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]  # not a face
    return FaceSet(
        "fer2013",
        pixels=pixels,
        targets={"fer2013": one_hot(label, SEVEN), "ferplus": distribution(votes)},
        votes=votes,
        split=np.repeat(["Training", "PublicTest", "PrivateTest"], [30, 15, 15]),
    )


@pytest.fixture
def bright() -> Callable[..., BrightnessPredictor]:
    """A maker of predictors: `bright()`, `bright(EMOTIONS, "ferplus")`."""
    return BrightnessPredictor


@pytest.fixture
def make_face() -> Callable[[int], NDArray[np.uint8]]:
    return face


@pytest.fixture
def eight() -> tuple[str, ...]:
    return EMOTIONS


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Predictions]:
    """`noisy("a", 2.0, seed=1)`: a seven-class model's predictions; signal 0 knows nothing and is sure of it."""

    def make(model: str, signal: float, seed: int = 0, n: int = 600, split: str = "PrivateTest") -> Predictions:
        first = {"PrivateTest": 1000, "PublicTest": 5000}[split]
        targets = np.random.default_rng(first).choice(7, n, p=[0.2, 0.05, 0.15, 0.2, 0.15, 0.1, 0.15])
        random = np.random.default_rng([seed, first])
        logits = np.full((n, 8), np.nan, np.float32)
        logits[:, :7] = random.normal(size=(n, 7)) * (1 if signal else 4)
        logits[np.arange(n), targets] += signal
        e = np.exp(logits)
        return Predictions(
            model=model, trained_on="fer2013", data="fer2013", data_sha256="a" * 64, split=split, labels="fer2013",
            emotions=np.arange(8) < 7, rows=np.arange(first, first + n), targets=targets,
            probabilities=e / np.nansum(e, axis=1, keepdims=True), logits=logits,
        )  # fmt: skip

    return make
