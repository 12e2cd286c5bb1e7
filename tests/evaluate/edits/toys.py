"""A toy world in which truth is known: a face's upper half is its emotion, its lower half the person."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec
from mien.runtime.expression_space import ExpressionSpace

SIDE = 12
STEP = 30
"""Grey levels between two emotions' brightness."""


def spot(emotion: int, intensity: float = 1.0, neutral: int = SEVEN.index("neutral")) -> NDArray[np.uint8]:
    """(6, 12) of the upper half: one column pair an emotion is lit, the more the stronger; neutral lights none."""
    upper = np.zeros((SIDE // 2, SIDE), np.uint8)
    if emotion != neutral:
        upper[:, emotion] = round(250 * intensity)
    return upper


def toy_faces(n: int = 70, people: int = 10, emotions: tuple[str, ...] = SEVEN, seed: int = 0) -> FaceSet:
    """n faces, half of them in a split Test; people and emotions take turns."""
    rng = np.random.default_rng(seed)
    looks = rng.integers(30, 220, (people, SIDE // 2, SIDE), dtype=np.uint8)
    label = np.array([EMOTIONS.index(emotions[i % len(emotions)]) for i in range(n)])
    who = np.arange(n) // len(emotions) % people
    pixels = np.stack([np.concatenate([spot(k), looks[p]]) for k, p in zip(label, who, strict=True)])
    return FaceSet(
        "toys",
        pixels=pixels,
        targets={"fer2013": one_hot(label, emotions)},
        split=np.where(np.arange(n) % 2 == 0, "Test", "Training"),
        subject=np.array([f"p{p}" for p in who]),
    )


@dataclass
class ToyEditor:
    """A generator: `skill` of the faces, in turn, are edited as asked, the others stay as they are."""

    skill: float = 1.0
    keeps_people: bool = True
    emotions: tuple[str, ...] = SEVEN
    spec: ModelSpec = field(init=False)
    space: ExpressionSpace = field(init=False)
    batches: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        k = len(self.emotions)
        turn = np.linspace(0, 2 * np.pi, k, endpoint=False)
        places = np.stack([np.cos(turn), np.sin(turn)], 1).astype(np.float32)
        places[self.emotions.index("neutral")] = 0
        self.spec = ModelSpec("toy-generator", "ganmut_linear", (), SIDE, SIDE)
        self.space = ExpressionSpace("linear", self.emotions, places)

    def edit(self, crops: NDArray[np.uint8], codes: NDArray[np.float32], batch: int = 64) -> NDArray[np.uint8]:
        self.batches.append(len(crops))
        codes = np.broadcast_to(codes, (len(crops), 2))
        out = crops.copy()
        for i, code in enumerate(codes):
            if (i + 0.5) / len(crops) > self.skill:
                continue
            strength = float(np.linalg.norm(code))
            at = int((self.space.places @ code).argmax()) if strength > 0 else self.emotions.index("neutral")
            out[i, : SIDE // 2, :, 0] = spot(SEVEN.index(self.emotions[at]), strength)
            if not self.keeps_people:
                out[i, SIDE // 2 :] = 128
        return out


@dataclass
class ToyJudge:
    """Reads the upper half; its features are the lower half."""

    labels: tuple[str, ...] = EMOTIONS
    trained_on: str = "fer2013"
    name: str = "toy-judge"
    training: dict[str, object] = field(default_factory=dict)
    kind: str = "emotion"

    @property
    def spec(self) -> ModelSpec:
        head = Head("emotion", self.kind, self.labels, self.trained_on)
        return ModelSpec(self.name, "toy", (head,), SIDE, SIDE, training=self.training)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        light = crops[:, : SIDE // 2, :, 0].mean(axis=1) / 250  # (n, 12)
        out = np.zeros((len(crops), len(self.labels)), np.float32)
        for at, name in enumerate(self.labels):
            out[:, at] = 8 * light[:, EMOTIONS.index(name)] if name != "neutral" else 1.0
        return out

    def embeddings(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        lower = crops[:, SIDE // 2 :, :, 0].reshape(len(crops), -1).astype(np.float32)
        return lower - 128 + 1e-3
