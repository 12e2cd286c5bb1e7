"""What is written for an action unit: shown or not, how strongly, or not known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.units import STRONGEST
from mien.labels import ACTION_UNITS

Floats = NDArray[np.float32]

UNKNOWN = frozenset({999.0, 9.0, -1.0})
"""Numbers that data sets write for a unit that was occluded or not coded; a blank says the same."""
CUTS = ("2", "1", "3", "4", "5")
"""From which intensity on a unit occurs where intensities alone were coded; the first is what papers on DISFA use."""

_BLANK = frozenset({"", "nan", "na", "n/a", "none", "null"})


def occurrence_code(text: str) -> float:
    """1 shown, 0 not, NaN unknown.

    Raises:
        ValueError: any other text; its message is the end of a sentence that begins with the unit.
    """
    value = _number(text)
    if value not in (0.0, 1.0) and not math.isnan(value):
        raise ValueError(f"is {value:g}, neither 0 nor 1 nor unknown (999, 9, -1 or blank)")
    return value


def intensity_code(text: str) -> float:
    """0 to 5, NaN unknown.

    Raises:
        ValueError: as for `occurrence_code`.
    """
    value = _number(text)
    if not (math.isnan(value) or 0 <= value <= STRONGEST):
        raise ValueError(f"is {value:g}, no intensity from 0 to 5 nor unknown (999, 9, -1 or blank)")
    return value


def read_codes(
    texts: Sequence[str], lines: Sequence[int], unit: str, broken: BrokenRows, *, intensity: bool = False
) -> Floats:
    """(n,) codes of a column; what cannot be one goes into `broken`."""
    read = intensity_code if intensity else occurrence_code
    known: dict[str, float] = {}
    wrong: dict[str, str] = {}
    for text in set(texts):  # a handful of different ones, however many rows
        try:
            known[text] = read(text)
        except ValueError as error:
            known[text], wrong[text] = math.nan, str(error)
    if wrong:
        for row, (text, line) in enumerate(zip(texts, lines, strict=True)):
            if text in wrong:
                broken.add(row, f"{unit} {wrong[text]}", line)
    return np.array([known[text] for text in texts], np.float32)


def within_intensities(texts: Iterable[str]) -> bool:
    """Whether all that is written could be intensities."""
    try:
        for text in set(texts):
            intensity_code(text)
    except ValueError:
        return False
    return True


def occurring(intensity: Floats, cut: float) -> Floats:
    """1 where an intensity is at least `cut`, 0 below, NaN unknown."""
    return np.where(np.isnan(intensity), np.nan, intensity >= cut).astype(np.float32)


def coded_units(units: Sequence[str], codes: Floats) -> NDArray[np.int64]:
    """Columns of (n, k) codes that say something: a known value, and of numbers that FACS gives no unit, a 1.

    Releases have a column for every number up to 60 or 99, whether or not it was coded.
    """
    known = ~np.isnan(codes).all(axis=0)
    shown = (codes > 0).any(axis=0)
    named = np.array([unit in ACTION_UNITS for unit in units], np.bool_)
    return np.flatnonzero(known & (named | shown))


def _number(text: str) -> float:
    """The number in a cell, NaN for unknown."""
    word = text.strip()
    if word.lower() in _BLANK:
        return math.nan
    try:
        value = float(word)
    except ValueError:
        raise ValueError(f"is {word[:40]!r}, no number: do its columns stand in the order of the header?") from None
    return math.nan if value in UNKNOWN else value
