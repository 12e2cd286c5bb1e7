"""From people and expressions to pixels: everything that is drawn, in the order it is laid down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic import nuisance
from mien.datasets.synthetic.canvas import Canvas
from mien.datasets.synthetic.draws import Draws
from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.eyes import draw_eyes, draw_glasses
from mien.datasets.synthetic.head import draw_background, draw_forehead, draw_head
from mien.datasets.synthetic.identity import people
from mien.datasets.synthetic.mouth import draw_mouth, draw_nose
from mien.datasets.synthetic.pose import poses

_BLOCK_PIXELS = 32 * 48 * 48  # drawn at once: more no longer fit a core's cache, fewer waste calls


def draw(
    seed: int,
    rows: NDArray[np.int64],
    shows: Expression,
    *,
    difficulty: float,
    size: int,
    identities: int,
    colour: str,
) -> NDArray[np.uint8]:
    """(n, size, size) grey or (n, size, size, 3) RGB: row r of this seed's faces with expression r.

    Pose, light and the rest follow from the row's number, so the same row with another expression is the
    same picture but for the units' doing.
    """
    step = max(1, _BLOCK_PIXELS // (size * size))
    blocks = [slice(i, i + step) for i in range(0, len(rows), step)]
    return np.concatenate(
        [_draw_block(seed, rows[b], shows.part(b), difficulty, size, identities, colour) for b in blocks]
    )


def _draw_block(
    seed: int,
    rows: NDArray[np.int64],
    shows: Expression,
    difficulty: float,
    size: int,
    identities: int,
    colour: str,
) -> NDArray[np.uint8]:
    who = people(seed, rows % identities)
    canvas = Canvas(len(rows), size, poses(seed, rows, difficulty), 3 if colour == "rgb" else 1)
    scene = Draws(seed, "scene", rows)
    draw_background(canvas, scene, difficulty)
    draw_head(canvas, who, shows, np.clip(scene.bell(0.2 + 0.5 * difficulty), -1, 1))
    draw_forehead(canvas, who, shows)
    draw_nose(canvas, who, shows)
    draw_mouth(canvas, who, shows)
    draw_eyes(canvas, who, shows, scene)
    draw_glasses(canvas, who)
    for spoil in (nuisance.occlude, nuisance.light, nuisance.blur, nuisance.noise):
        spoil(canvas, seed, rows, difficulty)
    return nuisance.quantise(canvas)
