"""A small set with labels of every kind, and a predictor that knows each row by its first pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.evaluate.units.outputs import HeadOutputs, outputs_of
from mien.labels import AFFECT, NO_UNIT, SEVEN
from mien.model_spec import Head, ModelSpec

CODED = ("AU01", "AU06", "AU12", "AU20")
SAID = ("AU12", "AU01", "AU25", "AU06", "AU20", NO_UNIT)
"""The head's own order, with AU25 that the set does not code and the column for none."""
HEADS = (
    Head("emotion", "emotion", SEVEN, "fer2013"),
    Head("units", "action_units", SAID, "x", "sigmoid"),
    Head("strength", "intensity", ("AU06", "AU01", "AU12"), "x", "none"),
    Head("affect", "valence_arousal", AFFECT, "x", "tanh"),
)


@dataclass
class Knowing:
    """Row r of a set, whose upper left pixel is r, gets row r of the table."""

    table: NDArray[np.float32]
    spec: ModelSpec = field(default_factory=lambda: ModelSpec("knowing", "fake", HEADS, 8, 8))
    asked: list[int] = field(default_factory=list)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        rows = crops[:, 0, 0, 0].astype(int)
        self.asked += rows.tolist()
        return self.table[rows]

    def with_(self, **changes: object) -> Knowing:
        return replace(self, spec=self.spec.replace(**changes), asked=[])


def labelled(seed: int = 0, name: str = "here", fall: float = 0.0) -> tuple[FaceSet, NDArray[np.float32]]:
    """240 rows of 24 people: 120 Training, 60 Validation, 60 Test; and logits that follow the labels, less by `fall`.

    AU20 is shown by nobody, AU12 by few and its intensity is not coded; a tenth of all labels is not known.
    """
    random = np.random.default_rng(seed)
    n = 240
    shown = (random.random((n, 4)) < [0.4, 0.3, 0.08, 0.0]).astype(np.float32)
    degree = np.where(shown > 0, random.integers(1, 6, shown.shape), 0).astype(np.float32)
    affect = random.uniform(-0.8, 0.8, (n, 2)).astype(np.float32)
    emotion = np.arange(n) % 7
    k = 1 - fall
    units = k * 2.2 * shown - 1.8 + random.normal(0, 0.8, shown.shape)
    said = {name: units[:, at] for at, name in enumerate(CODED)}
    table = np.column_stack([
        3 * k * np.eye(7)[emotion] + random.normal(0, 1, (n, 7)),
        *(said.get(unit, random.normal(-1, 1, n)) for unit in SAID),
        *(0.6 * k * degree[:, CODED.index(unit)] + 0.5 + random.normal(0, 0.8, n) for unit in HEADS[2].labels),
        0.7 * k * affect + 0.15 + random.normal(0, 0.2, (n, 2)),
    ]).astype(np.float32)  # fmt: skip
    hidden = random.random((n, 4)) < 0.1
    shown[hidden] = degree[hidden] = np.nan
    degree[:, 2] = np.nan
    affect[random.random((n, 2)) < 0.1] = np.nan
    pixels = random.integers(0, 256, (n, 8, 8), dtype=np.uint8)
    pixels[:, 0, 0] = np.arange(n)
    faces = FaceSet(
        name,
        pixels=pixels,
        targets={
            "fer2013": one_hot(emotion, SEVEN), "action_units": shown, "intensity": degree,
            "valence": affect[:, 0], "arousal": affect[:, 1],
        },
        action_units=CODED,
        subject=np.char.add("p", np.repeat(np.arange(24), 10).astype(str)),
        split=np.repeat(["Training", "Validation", "Test"], [120, 60, 60]),
    )  # fmt: skip
    return faces, table


@pytest.fixture
def faces() -> FaceSet:
    return labelled()[0]


@pytest.fixture
def knowing() -> Knowing:
    return Knowing(labelled()[1])


@pytest.fixture
def elsewhere() -> tuple[FaceSet, Knowing]:
    """Other faces, on which the labels show half as much in what is said."""
    faces, table = labelled(seed=5, name="elsewhere", fall=0.5)
    return faces, Knowing(table)


@pytest.fixture
def make() -> Callable[..., tuple[FaceSet, NDArray[np.float32]]]:
    """`labelled` itself."""
    return labelled


@pytest.fixture
def outputs(faces: FaceSet, knowing: Knowing) -> Callable[..., HeadOutputs]:
    """`outputs("Test")`: of all heads but the first."""

    def of(split: str | None = "Test", heads: tuple[Head, ...] = HEADS[1:], data: FaceSet = faces) -> HeadOutputs:
        return outputs_of("knowing", knowing, data, split, heads)

    return of
