"""An explainer that needs no file: it looks at the left upper quarter of a face, and says how rough that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import MienError
from mien.model_spec import Head, ModelSpec

SIDE = 24


@dataclass
class CornerExplainer:
    """`honest`: its map forgets with it; else it draws the same map whatever it knows, as an edge detector does."""

    honest: bool = True
    forgets: bool = True
    knows: bool = True
    seed: int = 0

    @property
    def spec(self) -> ModelSpec:
        return ModelSpec("corner", "fake", (Head("emotion", "emotion", ("anger", "happiness"), "x"),), SIDE, SIDE)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        rough = crops[:, : SIDE // 2, : SIDE // 2].std(axis=(1, 2, 3)) / 100
        return (8 * np.stack([0.5 - rough, rough - 0.5], axis=1)).astype(np.float32)

    def maps(
        self, crops: NDArray[np.uint8], columns: NDArray[np.int64], method: str, layer: str = ""
    ) -> NDArray[np.float32]:
        maps = np.zeros((len(crops), 12, 12), np.float32)
        maps[:, :6, :6] = 1 + np.arange(36).reshape(6, 6)
        if not self.knows and self.honest:
            return np.random.default_rng(self.seed).random(maps.shape, np.float32)
        return maps

    def randomised(self, seed: int = 0) -> tuple[CornerExplainer, str]:
        if not self.forgets:
            raise MienError("cannot forget")
        return CornerExplainer(self.honest, knows=False, seed=seed), "all weights"


@pytest.fixture
def corner():
    return CornerExplainer


@pytest.fixture
def crops() -> NDArray[np.uint8]:
    """(5, 24, 24, 1): grey faces with a corner of dots, which say happiness."""
    faces = np.random.default_rng(0).integers(90, 110, (5, SIDE, SIDE, 1), dtype=np.uint8)
    dots = np.indices((SIDE // 2, SIDE // 2)).sum(axis=0) % 2
    faces[:, : SIDE // 2, : SIDE // 2, 0] = 200 * dots
    return faces
