"""Whether faces that are labelled with an emotion show the units that EMFACS says they should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.emfacs import Rules, derive, shows, units_of
from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.datasets.units import occurrence
from mien.errors import MienError
from mien.labels import EMFACS, EMOTIONS, emotion_index

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shown:
    """Faces labelled with one emotion.

    Attributes:
        emotion: which.
        n: how many.
        units: unit -> (shown, known) faces.
        whole: faces that show all units of a prototype.
        ruled_out: faces of which each prototype lacks a unit; of the other n - whole - ruled_out it is not known.
        contradicting: faces whose units show another emotion.
    """

    emotion: str
    n: int
    units: dict[str, tuple[int, int]]
    whole: int
    ruled_out: int
    contradicting: int


@dataclass(frozen=True, slots=True)
class Check:
    """A label scheme against units.

    Attributes:
        scheme: the labels.
        by_emotion: the emotions that some face is labelled with, in our order.
        table: (8, 9) faces by labelled and derived emotion over EMOTIONS; the last column for none derived.
        contradicting: (c,) positions of the faces whose units show another emotion than their label.
    """

    scheme: str
    by_emotion: tuple[Shown, ...]
    table: Counts
    contradicting: Counts

    def to_dict(self) -> dict[str, Any]:
        """All of it, with shares in percent, null where no face says."""
        emotions = {}
        for one in self.by_emotion:
            units = {u: {"shown": s, "known": k, "share": share(s, k)} for u, (s, k) in one.units.items()}
            emotions[one.emotion] = {
                "n": one.n, "units": units, "whole": one.whole, "ruled_out": one.ruled_out,
                "share": share(one.whole, one.whole + one.ruled_out), "contradicting": one.contradicting,
            }  # fmt: skip
        columns = [*EMOTIONS, "none"]
        table = {
            name: dict(zip(columns, row, strict=True)) for name, row in zip(EMOTIONS, self.table.tolist(), strict=True)
        }
        return {
            "scheme": self.scheme,
            "emotions": emotions,
            "labelled_and_derived": table,
            "contradicting": self.contradicting.tolist(),
        }


def share(part: int, whole: int) -> float | None:
    """In percent to a hundredth; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def check(faces: FaceSet, scheme: str, rules: Rules = EMFACS) -> Check:
    """How often a labelled emotion shows its units, and which faces show another one's.

    Raises:
        MienError: labels that the set does not have.
    """
    if scheme not in faces.emotion_schemes:
        raise MienError(f"{faces.name}: no labels {scheme!r}; it has {', '.join(faces.emotion_schemes) or 'none'}")
    given, found = faces.hard(scheme), derive(faces, rules)
    against = (given != UNLABELLED) & (found != UNLABELLED) & (given != found)
    table = np.zeros((len(EMOTIONS), len(EMOTIONS) + 1), np.int64)
    labelled = given != UNLABELLED
    np.add.at(table, (given[labelled], np.where(found < 0, len(EMOTIONS), found)[labelled]), 1)
    prototypes = {EMOTIONS[emotion_index(name)]: of for name, of in rules.items()}
    rows = []
    for k in np.unique(given[labelled]).tolist():
        emotion, mine = EMOTIONS[k], given == k
        units = units_of(prototypes.get(emotion, ()))
        codes = occurrence(faces, units)[mine]
        whole = shows(faces, emotion, rules)[mine] if units else np.full(int(mine.sum()), np.nan)
        counts = zip((codes == 1).sum(axis=0).tolist(), (~np.isnan(codes)).sum(axis=0).tolist(), strict=True)
        rows.append(
            Shown(
                emotion=emotion,
                n=int(mine.sum()),
                units=dict(zip(units, counts, strict=True)),
                whole=int((whole == 1).sum()),
                ruled_out=int((whole == 0).sum()),
                contradicting=int((against & mine).sum()),
            )
        )
    return Check(scheme, tuple(rows), table, np.flatnonzero(against))
