"""How often action units are shown, by split, how strongly, and which together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.census import split_rows
from mien.datasets.face_set import FaceSet
from mien.datasets.units import INTENSITY, OCCURRENCE, STRONGEST, occurrence

STATES = ("shown", "not", "unknown")
LEVELS = int(STRONGEST) + 1
"""Intensities, 0 and A to E."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """Rows of each unit.

    Attributes:
        units: (k,) `AU01` and so on.
        splits: (s,) names, `census.NO_SPLIT` for rows without one.
        rows: (3, k, s) by `STATES`.
        levels: (k, 6) rows by intensity 0..5, to the nearest; None where the set codes none.
        both: (k, k) rows that show both units; the diagonal holds those that show one.
        of: (k, k) rows that show the unit of the row and in which that of the column is known.
        known: (k,) rows in which a unit is known.
    """

    units: tuple[str, ...]
    splits: tuple[str, ...]
    rows: Counts
    levels: Counts | None
    both: Counts
    of: Counts
    known: Counts

    @property
    def conditional(self) -> NDArray[np.float64]:
        """(k, k) share of the rows showing the row's unit that show the column's too; the diagonal is how often a
        unit is shown at all. In percent, NaN where no row says."""
        share = np.divide(100 * self.both, self.of, out=np.full(self.both.shape, np.nan), where=self.of > 0)
        shown = np.divide(100 * np.diag(self.both), self.known, out=np.full(len(self.units), np.nan),
                          where=self.known > 0)  # fmt: skip
        np.fill_diagonal(share, shown)
        return np.asarray(share, np.float64)

    def to_dict(self) -> dict[str, Any]:
        """Rows by unit and split, intensities where coded, and how often units are shown together."""
        by_unit: dict[str, Any] = {}
        for at, unit in enumerate(self.units):
            splits = {split: self.rows[:, at, s] for s, split in enumerate(self.splits)} | {
                "all": self.rows[:, at].sum(axis=1)
            }
            by_unit[unit] = {name: dict(zip(STATES, cells.tolist(), strict=True)) for name, cells in splits.items()}
            if self.levels is not None:
                by_unit[unit]["intensity"] = self.levels[at].tolist()
        together = {"units": list(self.units), "both": self.both.tolist(), "of": self.of.tolist()}
        return {"units": by_unit, "co_occurrence": together}


def unit_counts(faces: FaceSet) -> UnitCounts | None:
    """Rows by unit; None for a set without units."""
    if OCCURRENCE not in faces.targets or not faces.action_units:
        return None
    codes = occurrence(faces)
    splits, which = split_rows(faces)
    rows = np.zeros((len(STATES), len(faces.action_units), len(splits)), np.int64)
    states = (codes == 1, codes == 0, np.isnan(codes))
    for at in range(len(splits)):
        rows[:, :, at] = [state[which == at].sum(axis=0) for state in states]
    shown, known = states[0].astype(np.float64), (~states[2]).astype(np.float64)  # BLAS counts in floats, exactly
    return UnitCounts(
        units=faces.action_units,
        splits=splits,
        rows=rows,
        levels=_levels(faces),
        both=np.rint(shown.T @ shown).astype(np.int64),
        of=np.rint(shown.T @ known).astype(np.int64),
        known=np.asarray((~states[2]).sum(axis=0), np.int64),
    )


def _levels(faces: FaceSet) -> Counts | None:
    held = faces.targets.get(INTENSITY)
    if held is None or np.isnan(held).all():
        return None
    nearest = np.rint(np.nan_to_num(held, nan=-1)).astype(np.int64)
    return np.stack([(nearest == level).sum(axis=0) for level in range(LEVELS)], axis=1).astype(np.int64)
