"""Drawn faces whose class the mouth alone decides, with the mouth's box: what a true heat map must point at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.synthetic.draws import Draws
from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression
from mien.datasets.synthetic.picture import draw
from mien.labels import EMOTIONS

MOUTHS: Mapping[str, Mapping[str, float]] = {
    "anger": {"AU23": 1.0},
    "fear": {"AU20": 1.0, "AU25": 0.9},
    "sadness": {"AU15": 1.0},
    "neutral": {},
}
"""Class -> the units that draw its mouth. None of them moves a line outside lips and the hollow under them."""
ELSEWHERE = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU43")
"""Units of eyes and brows, which act by chance, whatever the class."""
SEEN = 3
"""Grey levels, about 1 % of the range, by which a pixel of the mouth's box differs between two mouths at least."""


def mouth_alone(
    n: int, seed: int = 0, difficulty: float = 0.3, size: int = 48, seen: int = SEEN
) -> tuple[FaceSet, NDArray[np.float32]]:
    """n grey faces of four classes that differ in the mouth alone.

    Person, pose, light, noise and the units of eyes and brows are drawn without a look at the class. Each row is
    drawn once with every class's mouth; the box is the smallest one around the pixels that differ.

    Args:
        n, seed, difficulty, size: as for `synthetic`; every row shows another person.
        seen: grey levels by which a pixel of the box differs between two mouths; more give a tighter box.

    Returns:
        A FaceSet with the labels "synthetic", and (n, 4) left top right bottom in pixels, right and bottom exclusive.
    """
    rows = np.arange(n, dtype=np.int64)
    names = tuple(name for name in EMOTIONS if name in MOUTHS)
    label = (Draws(seed, "mouth alone", rows).matrix(1)[:, 0] * len(names)).astype(np.int64)
    other = _elsewhere(seed, rows)
    drawn = np.stack([_drawn(seed, rows, other, MOUTHS[name], difficulty, size) for name in names])
    spread = drawn.max(axis=0).astype(np.int64) - drawn.min(axis=0)
    faces = FaceSet(
        "mouth-alone",
        pixels=drawn[label, rows],
        targets={"synthetic": one_hot(np.asarray([EMOTIONS.index(name) for name in names])[label], names)},
        file=np.full(n, "mouth-alone"),
        row=rows,
    )
    return faces, np.stack([_box(one >= seen) for one in spread])


def _elsewhere(seed: int, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, k) intensities over DRAWN_UNITS, of which only those of ELSEWHERE are not 0."""
    draws = Draws(seed, "elsewhere", rows)
    units = np.zeros((len(rows), len(DRAWN_UNITS)), np.float32)
    for name in ELSEWHERE:
        acts = draws.matrix(1)[:, 0] < (0.1 if name == "AU43" else 0.4)
        units[:, DRAWN_UNITS.index(name)] = acts * draws.matrix(1)[:, 0]
    return units


def _drawn(
    seed: int,
    rows: NDArray[np.int64],
    elsewhere: NDArray[np.float32],
    mouth: Mapping[str, float],
    difficulty: float,
    size: int,
) -> NDArray[np.uint8]:
    units = elsewhere.copy()
    strength = 1 - 0.3 * Draws(seed, "mouth strength", rows).matrix(1)[:, 0]
    for name, value in mouth.items():
        units[:, DRAWN_UNITS.index(name)] = value * strength
    one = np.ones((len(rows), 1, 1), np.float32)
    shows = Expression(units, one, one)
    return draw(seed, rows, shows, difficulty=difficulty, size=size, identities=max(len(rows), 1), colour="grey")


def _box(differs: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(h, w) -> left top right bottom; all 0 where nothing differs, as behind a hand."""
    y, x = np.nonzero(differs)
    if not len(x):
        return np.zeros(4, np.float32)
    return np.asarray((x.min(), y.min(), x.max() + 1, y.max() + 1), np.float32)
