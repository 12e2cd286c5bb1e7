"""Faces worth looking at: of each unit those that a model gets most wrong, most right, and that it doubts most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.affect import AffectScores
from mien.evaluate.units.intensities import IntensityScores
from mien.evaluate.units.occurrence import UnitScores
from mien.evaluate.units.outputs import Floats

WRONG, RIGHT, UNCERTAIN = "wrong", "right", "uncertain"
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Pick:
    """One face: its row in the data set, what it shows and what the model says, in words for a caption."""

    row: int
    caption: str
    target: float
    said: float


Picks = dict[str, dict[str, list[Pick]]]
"""Sheet -> row of the sheet -> faces, the foremost first; rows without faces are left out."""


def unit_picks(scores: UnitScores, unit: str, k: int = 8) -> Picks:
    """Up to k faces for each row of three sheets.

    `wrong`: shown and missed, the least probable first; not shown and said, the most probable first. `right`: shown
    and said, not shown and not said, the surest first. `uncertain`: nearest to the unit's threshold, by log odds, of
    faces that show it and that do not.

    Raises:
        ValueError: a unit that was not scored.
    """
    u = scores.units.index(unit)
    targets, said, cut = scores.targets[:, u], scores.said[:, u], scores.thresholds[unit]
    shown, absent, called = targets == 1, targets == 0, said >= cut
    doubt = np.abs(_odds(said) - _odds(np.array(cut)))

    def some(mask: NDArray[np.bool_], by: Floats) -> list[Pick]:
        rows = _first(mask, by, k)
        return [_pick(scores.rows[i], _words(targets[i] == 1, said[i]), targets[i], said[i]) for i in rows]

    return _full({
        WRONG: {"shown, missed": some(shown & ~called, said), "not shown, said": some(absent & called, -said)},
        RIGHT: {"shown, said": some(shown & called, -said), "not shown, not said": some(absent & ~called, said)},
        UNCERTAIN: {"shown": some(shown, doubt), "not shown": some(absent, doubt)},
    })  # fmt: skip


def amount_picks(scores: IntensityScores | AffectScores, label: str, k: int = 8) -> Picks:
    """Up to k faces with the largest errors, said too high and too low, and with the smallest.

    Raises:
        ValueError: a unit, or valence or arousal, that was not scored.
    """
    signed = isinstance(scores, AffectScores)
    names = scores.names if isinstance(scores, AffectScores) else scores.units
    at = names.index(label)
    targets, said = scores.targets[:, at], scores.said[:, at]
    gap = np.nan_to_num(said - targets)
    known = np.isfinite(targets)

    def some(mask: NDArray[np.bool_], by: Floats) -> list[Pick]:
        form = "{:+.2f}" if signed else "{:.1f}"
        return [
            _pick(
                scores.rows[i],
                f"said {form.format(said[i])}, is {form.format(targets[i])}",
                targets[i],
                said[i],
            )
            for i in _first(mask, by, k)
        ]

    high, low = some(known & (gap > _CLOSE), -gap), some(known & (gap < -_CLOSE), gap)
    return _full({WRONG: {"said too high": high, "said too low": low}, RIGHT: {"nearest": some(known, np.abs(gap))}})


def _full(sheets: Picks) -> Picks:
    return {
        sheet: kept for sheet, rows in sheets.items() if (kept := {name: some for name, some in rows.items() if some})
    }


def _first(mask: NDArray[np.bool_], by: Floats, k: int) -> list[int]:
    """Up to k positions of the mask, the lowest values first; of equal ones the lower row."""
    rows = np.flatnonzero(mask)
    kept: list[int] = rows[np.argsort(by[rows], kind="stable")[:k]].tolist()
    return kept


def _pick(row: Any, caption: str, target: float, said: float) -> Pick:
    return Pick(int(row), caption, float(target), float(said))


def _words(shown: bool, probability: float) -> str:
    return f"{100 * probability:.0f} %, {'shown' if shown else 'not shown'}"


def _odds(probability: Floats) -> Floats:
    p = np.clip(probability, _CLOSE, 1 - _CLOSE)
    return np.asarray(np.log(p / (1 - p)))
