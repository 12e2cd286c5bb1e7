"""From an emotion to action units, and from action units to valence and arousal.

The prototypes follow EMFACS (Friesen and Ekman 1983) as commonly tabulated; chances, strengths and the
affect weights are this file's own and are part of what `SYNTHETIC_VERSION` fixes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Column, Draws
from mien.labels import EMOTIONS

DRAWN_UNITS: tuple[str, ...] = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12", "AU14", "AU15", "AU16",
    "AU17", "AU20", "AU23", "AU25", "AU26", "AU43",
)  # fmt: skip
"""Columns of targets["action_units"]: the units that the drawing knows."""

PROTOTYPES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "anger": {"AU04": (1, 1), "AU05": (0.6, 0.6), "AU07": (0.8, 0.8), "AU23": (0.8, 1), "AU17": (0.3, 0.6),
              "AU10": (0.15, 0.6), "AU25": (0.15, 0.6)},
    "disgust": {"AU09": (0.9, 1), "AU10": (0.5, 0.9), "AU15": (0.5, 0.6), "AU16": (0.4, 0.6),
                "AU17": (0.4, 0.6), "AU04": (0.4, 0.5), "AU07": (0.4, 0.5), "AU25": (0.2, 0.5)},
    "fear": {"AU01": (0.9, 0.9), "AU02": (0.6, 0.7), "AU04": (0.8, 0.7), "AU05": (0.9, 1),
             "AU20": (0.8, 1), "AU25": (0.7, 0.8), "AU26": (0.4, 0.5)},
    "happiness": {"AU06": (0.8, 0.9), "AU12": (1, 1), "AU25": (0.6, 0.9), "AU26": (0.1, 0.4)},
    "sadness": {"AU01": (0.9, 1), "AU04": (0.7, 0.6), "AU15": (0.9, 1), "AU17": (0.4, 0.7),
                "AU43": (0.1, 0.6)},
    "surprise": {"AU01": (0.9, 1), "AU02": (0.9, 1), "AU05": (0.8, 0.8), "AU25": (0.8, 0.8),
                 "AU26": (0.9, 1)},
    "neutral": {},
    "contempt": {"AU12": (0.6, 0.7), "AU14": (0.9, 1)},
}  # fmt: skip
"""Emotion -> unit -> (chance that it acts, strength when it does), both at difficulty 0."""

VALENCE: Mapping[str, float] = {
    "AU01": -0.10, "AU04": -0.35, "AU06": 0.30, "AU07": -0.10, "AU09": -0.45, "AU10": -0.30, "AU12": 0.75,
    "AU14": -0.45, "AU15": -0.45, "AU16": -0.15, "AU17": -0.15, "AU20": -0.35, "AU23": -0.30,
}  # fmt: skip
AROUSAL: Mapping[str, float] = {
    "AU01": 0.05, "AU02": 0.20, "AU04": 0.15, "AU05": 0.40, "AU06": 0.10, "AU07": 0.20, "AU09": 0.10,
    "AU10": 0.10, "AU12": 0.20, "AU14": -0.05, "AU15": -0.35, "AU17": -0.10, "AU20": 0.25, "AU23": 0.25,
    "AU25": 0.10, "AU26": 0.20, "AU43": -0.50,
}  # fmt: skip
"""valence and arousal = sum over units of weight * intensity, clipped to -1..1; units not listed weigh 0."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What n faces show.

    Attributes:
        units: (n, k) float32 intensity in 0..1 over DRAWN_UNITS; of the stronger side where they differ.
        left, right: (n, 1, 1) in 0..1, how much of the corner units AU12 and AU14 acts on either side of
            the picture: contempt pulls one corner only.
    """

    units: NDArray[np.float32]
    left: Column
    right: Column

    def part(self, rows: slice) -> Expression:
        """These rows alone."""
        return Expression(self.units[rows], self.left[rows], self.right[rows])

    def __getitem__(self, unit: str) -> Column:
        """(n, 1, 1) intensity of one unit."""
        return self.units[:, DRAWN_UNITS.index(unit), None, None]

    @property
    def valence(self) -> NDArray[np.float32]:
        """(n,) in -1..1."""
        return _weighted(self.units, VALENCE)

    @property
    def arousal(self) -> NDArray[np.float32]:
        """(n,) in -1..1."""
        return _weighted(self.units, AROUSAL)


def _weighted(units: NDArray[np.float32], weights: Mapping[str, float]) -> NDArray[np.float32]:
    total = np.zeros(len(units), np.float32)
    for name, weight in weights.items():  # one after another: a matrix product would sum in BLAS's own order
        total += units[:, DRAWN_UNITS.index(name)] * weight
    return np.clip(total, -1, 1).astype(np.float32)


def prototype_table() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(8, k) chances and (8, k) strengths of PROTOTYPES, over EMOTIONS and DRAWN_UNITS."""
    chance = np.zeros((len(EMOTIONS), len(DRAWN_UNITS)), np.float32)
    strength = np.zeros_like(chance)
    for emotion, units in PROTOTYPES.items():
        for name, (c, s) in units.items():
            at = EMOTIONS.index(emotion), DRAWN_UNITS.index(name)
            chance[at], strength[at] = c, s
    return chance, strength


def express(seed: int, rows: NDArray[np.int64], emotion: NDArray[np.int64], difficulty: float) -> Expression:
    """The action units of n faces that show these emotions.

    With difficulty the units act weaker and more seldom, strangers join them, and a second emotion leaks in.
    """
    d = difficulty
    draws = Draws(seed, "expression", rows)
    k = len(DRAWN_UNITS)
    chance, strength = prototype_table()
    level = draws.uniform(0.9 - 0.35 * d, 1.0 - 0.15 * d)[:, :, 0]
    acts = draws.matrix(k) < chance[emotion] * (1 - 0.18 * d)
    # a face on which chance let nothing act still shows its likeliest unit: a label no one could see is noise
    silent = ~acts.any(axis=1) & (emotion != EMOTIONS.index("neutral"))
    acts[silent, chance[emotion[silent]].argmax(axis=1)] = True
    units = np.where(acts, strength[emotion] * level * (1 - 0.4 * draws.matrix(k)), 0)

    other = (draws.uniform()[:, 0, 0] * len(EMOTIONS)).astype(np.int64)
    leaks = draws.chance(0.35 * d)[:, :, 0] & (draws.matrix(k) < chance[other])
    units = np.maximum(units, np.where(leaks, strength[other] * draws.matrix(k) * (0.4 * d), 0))
    strays = draws.matrix(k) < 0.06 * d
    units = np.maximum(units, np.where(strays, draws.matrix(k) * (0.45 * d), 0))

    uneven = draws.uniform(0, 0.2 * d)
    left_weaker = draws.chance(0.5)
    contempt = (emotion == EMOTIONS.index("contempt"))[:, None, None]
    weak = np.where(contempt, 0, 1 - uneven).astype(np.float32)
    one = np.ones_like(weak)
    return Expression(units.astype(np.float32), np.where(left_weaker, weak, one), np.where(left_weaker, one, weak))
