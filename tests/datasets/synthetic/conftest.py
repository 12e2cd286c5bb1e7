"""Faces whose units a test sets itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression
from mien.datasets.synthetic.picture import draw

DrawUnits = Callable[..., NDArray[np.uint8]]
PEOPLE = 12


def showing(**units: float) -> Expression:
    """PEOPLE times the same units, on both sides."""
    values = np.zeros((PEOPLE, len(DRAWN_UNITS)), np.float32)
    for name, intensity in units.items():
        values[:, DRAWN_UNITS.index(name)] = intensity
    both = np.ones((PEOPLE, 1, 1), np.float32)
    return Expression(values, both, both)


@pytest.fixture
def draw_units() -> DrawUnits:
    """`draw_units(AU12=1.0)` -> (12, 48, 48) uint8: always the same twelve people in the same easy scenes."""

    def make(expression: Expression | None = None, **units: float) -> NDArray[np.uint8]:
        shows = expression if expression is not None else showing(**units)
        rows = np.arange(PEOPLE, dtype=np.int64)
        return draw(3, rows, shows, difficulty=0.0, size=48, identities=1000, colour="grey")

    return make
