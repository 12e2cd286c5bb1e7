"""What became of AffectNet's rows when they were prepared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.datasets.affectnet_prepare_picture import MISSING, NO_BOX, OUTSIDE, UNREADABLE

BROKEN, LABEL = "broken_row", "label"
FAULTS = (MISSING, UNREADABLE, NO_BOX, OUTSIDE, BROKEN)
"""Reasons to skip a row that somebody should look at; `LABEL` was asked for."""


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """What became of one set's rows.

    Attributes:
        split: "Training", "Validation" or "Automatic"; source: its table, or the later release's folder.
        folder: where its faces stand.
        made, kept: faces that this call made, and that stood there already.
        skipped: reason -> rows; reasons are `FAULTS` and "label".
    """

    split: str
    source: str
    folder: str
    rows: int
    made: int
    kept: int
    skipped: dict[str, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of every row; `report` is the CSV that names the skipped ones."""

    out: Path
    report: Path
    side: int
    stretch: bool
    sets: tuple[PreparedSet, ...]

    @property
    def made(self) -> int:
        return sum(one.made for one in self.sets)

    @property
    def kept(self) -> int:
        return sum(one.kept for one in self.sets)

    @property
    def skipped(self) -> dict[str, int]:
        """Reason -> rows, over all sets."""
        total = sum((Counter(one.skipped) for one in self.sets), Counter())
        return {reason: total[reason] for reason in (*FAULTS, LABEL) if total[reason]}

    @property
    def faults(self) -> int:
        """Rows without a face that were meant to have one."""
        return sum(count for reason, count in self.skipped.items() if reason in FAULTS)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        sets = {
            one.split.lower(): {
                "source": one.source, "folder": one.folder, "rows": one.rows, "made": one.made, "kept": one.kept,
                "skipped": one.skipped,
            }
            for one in self.sets
        }  # fmt: skip
        total = {"rows": sum(one.rows for one in self.sets), "made": self.made, "kept": self.kept}
        whole = {"out": str(self.out), "report": str(self.report), "side": self.side, "stretch": self.stretch}
        return {**whole, **total, "skipped": self.skipped, "sets": sets}
