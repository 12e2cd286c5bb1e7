"""What a data set holds: rows by class and split, and what they lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import split_order
from mien.labels import EMOTIONS

NO_SPLIT = "(none)"
"""How rows without a split are shown."""


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """Rows of one label scheme.

    Attributes:
        scheme: a key of FaceSet.targets.
        names: (k,) the emotions that the scheme has.
        splits: (s,) names, `NO_SPLIT` for rows without one.
        counts: (k, s) rows.
        unlabelled: (s,) rows without a label of this scheme.
    """

    scheme: str
    names: tuple[str, ...]
    splits: tuple[str, ...]
    counts: NDArray[np.int64]
    unlabelled: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        """(k,) rows of each class over all splits."""
        return np.asarray(self.counts.sum(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """Counts by class and split, and the imbalance of each split and of all."""
        splits = {split: self.counts[:, at] for at, split in enumerate(self.splits)}
        return {
            "classes": {
                name: {split: int(column[k]) for split, column in splits.items()} | {"all": int(self.total[k])}
                for k, name in enumerate(self.names)
            },
            "unlabelled": dict(zip(self.splits, self.unlabelled.tolist(), strict=True))
            | {"all": int(self.unlabelled.sum())},
            "imbalance": self.imbalance(),
        }

    def imbalance(self) -> dict[str, float | None]:
        """That of each split and of all rows, over the classes that have a row anywhere: others were left out."""
        there = self.total > 0
        splits = {split: imbalance(self.counts[there, at]) for at, split in enumerate(self.splits)}
        return splits | {"all": imbalance(self.total[there])}


def class_counts(faces: FaceSet, scheme: str) -> ClassCounts:
    """Rows by class and split; FER+ by its majority rule.

    Raises:
        KeyError: a scheme that the set does not have.
    """
    splits, which = split_rows(faces)
    cells = np.zeros((1 + len(EMOTIONS), len(splits)), np.int64)  # the first row: without a label
    np.add.at(cells, (faces.hard(scheme) + 1, which), 1)
    has = np.flatnonzero(~np.isnan(faces.targets[scheme]).all(axis=0) | cells[1:].any(axis=1))
    return ClassCounts(scheme, tuple(EMOTIONS[at] for at in has), splits, cells[1:][has], cells[0])


def imbalance(counts: NDArray[np.int64]) -> float | None:
    """Rows of the largest class over rows of the smallest; None where a class has none."""
    if not len(counts) or counts.min() == 0:
        return None
    return round(float(counts.max() / counts.min()), 3)


def split_counts(faces: FaceSet) -> dict[str, int]:
    """Rows by split: training first, then what one chooses by, then what one reports on."""
    splits, which = split_rows(faces)
    return dict(zip(splits, np.bincount(which, minlength=len(splits)).tolist(), strict=True))


def missing_values(faces: FaceSet) -> dict[str, Any]:
    """Rows that lack something: split, subject, group, votes, box, and each target.

    `targets` counts rows without a single number; `action_units` those without one for a unit, where there are any.
    """
    n = len(faces)
    out: dict[str, Any] = {name: int((getattr(faces, name) == "").sum()) for name in ("split", "subject", "group")}
    out["votes"] = n if faces.votes is None else int((faces.votes == 0).all(axis=1).sum())
    out["box"] = n if faces.box is None else int(np.isnan(faces.box).any(axis=1).sum())
    absent = {name: np.isnan(target.reshape(n, -1)) for name, target in faces.targets.items()}
    out["targets"] = {name: int(rows.all(axis=1).sum()) for name, rows in absent.items()}
    if "action_units" in absent:
        by_unit = zip(faces.action_units, absent["action_units"].sum(axis=0).tolist(), strict=True)
        out["action_units"] = {unit: rows for unit, rows in by_unit if rows}
    return out


def split_rows(faces: FaceSet) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of the splits in their order, and (n,) which of them each row is in."""
    found, which = np.unique(faces.split, return_inverse=True)
    names = [str(name) for name in found]
    order = sorted(range(len(names)), key=lambda at: (split_order(names[at]), names[at]))
    place = np.argsort(order)
    return tuple(names[at] or NO_SPLIT for at in order), place[which.ravel()].astype(np.int64)
