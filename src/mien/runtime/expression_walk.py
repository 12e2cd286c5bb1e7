"""A walk through a space of expressions: neutral, one emotion after the other, and back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace

LEG, REST = 12, 4
"""Frames from one place to the next, and for which an emotion is held."""


def walk(space: ExpressionSpace, through: Sequence[str] = (), leg: int = LEG, rest: int = REST) -> NDArray[np.float32]:
    """Codes float32 (n, d) of a walk that starts at neutral, and ends one step before it so that it can be repeated.

    Places are joined by straight lines, which stay inside both kinds of space; steps are short at either end of a
    line, as faces move.

    Args:
        through: emotions in their order; all but neutral, in the space's order, where none is given.
        leg: steps of a line.
        rest: more frames at each emotion.

    Raises:
        MienError: an emotion that the generator does not know.
    """
    names = list(through) or [name for name in space.emotions if name != NEUTRAL]
    if leg < 1 or rest < 0:
        raise MienError(f"a walk of {leg} steps a line and {rest} of rest: at least 1 and 0")
    stops = [space.neutral, *(space.place(name) for name in names), space.neutral]
    t = np.arange(leg, dtype=np.float32)[:, None] / leg
    pace = np.asarray(t * t * (3 - 2 * t), np.float32)
    parts: list[NDArray[np.float32]] = []
    for start, end in pairwise(stops):
        parts += [np.asarray(start + pace * (end - start), np.float32), np.repeat(end[None], rest, axis=0)]
    parts.pop()  # neutral is where it starts again
    return np.concatenate(parts).astype(np.float32)
