"""Which units a data set's common protocol averages over."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mien.labels import action_unit


def _units(*numbers: int) -> tuple[str, ...]:
    return tuple(action_unit(number) for number in numbers)


PROTOCOLS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "disfa": _units(1, 2, 4, 6, 9, 12, 25, 26),  # shown from intensity 2 on, three folds of people
    "bp4d": _units(1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24),  # three folds of people
    "emotionet": _units(1, 2, 4, 5, 6, 9, 12, 17, 20, 25, 26),  # the challenge of 2017
})  # fmt: skip
"""Name of a data set -> the units whose F1 papers on it average."""
