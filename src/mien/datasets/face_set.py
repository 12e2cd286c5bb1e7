"""FaceSet: faces to learn from or be judged on, one row a face."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.votes import majority
from mien.labels import EMOTIONS, VOTE_COLUMNS

UNLABELLED = -1
"""The hard label of a row that has none."""
UNIT_TARGETS = ("action_units", "intensity")
"""Targets whose columns are action units."""


@dataclass(frozen=True, slots=True)
class FaceSet:
    """n faces with what is known of each.

    Attributes:
        name: the data set's, e.g. "fer2013".
        pixels: (n, h, w) grey or (n, h, w, 3) RGB uint8; None where `paths` are given.
        paths: (n,) paths of pictures, read when needed; None where `pixels` are given.
        targets: by label scheme or head, float32, a row of NaN where a face has no such label:
            emotion schemes ("fer2013", "ferplus", "synthetic", ...) as (n, 8) distributions over
            `labels.EMOTIONS`, NaN in the column of an emotion that the scheme does not have;
            "action_units" as (n, k) with `action_units` naming the columns, 1 shown, 0 not (drawn faces: how
            strongly, 0..1; see `units.occurrence`); "intensity" (n, k) over the same columns, FACS' 0..5; "valence",
            "arousal" as (n,) in -1..1.
        votes: (n, 10) int16 over `labels.VOTE_COLUMNS`, or None.
        action_units: the column names of targets["action_units"] and ["intensity"].
        weight: (n,) float32, how much a row counts; 1 by default.
        split: (n,) str, e.g. "Training"; "" where there is none.
        subject: (n,) str, the person; "" where unknown.
        group: (n,) str, rows that must stay on one side of any cut; "" where there is none.
        box: (n, 4) float32 pixels in the picture, NaN where there is none.
        file: (n,) str, where the row came from.
        row: (n,) int64, its row in that file, from 0 in the data set's own order.
        made_from: (n,) int64, for made pictures the row they were made from; -1 for real ones.
        content: a hash of the source files, for caches and records.

    Raises:
        ValueError: lengths that disagree, or neither or both of pixels and paths.
    """

    name: str
    pixels: NDArray[np.uint8] | None = None
    paths: NDArray[np.str_] | None = None
    targets: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    votes: NDArray[np.int16] | None = None
    action_units: tuple[str, ...] = ()
    weight: NDArray[np.float32] = None  # type: ignore[assignment]  # filled in __post_init__
    split: NDArray[np.str_] = None  # type: ignore[assignment]
    subject: NDArray[np.str_] = None  # type: ignore[assignment]
    group: NDArray[np.str_] = None  # type: ignore[assignment]
    box: NDArray[np.float32] | None = None
    file: NDArray[np.str_] = None  # type: ignore[assignment]
    row: NDArray[np.int64] = None  # type: ignore[assignment]
    made_from: NDArray[np.int64] = None  # type: ignore[assignment]
    content: str = ""

    def __post_init__(self) -> None:
        if (self.pixels is None) == (self.paths is None):
            raise ValueError("a FaceSet holds either pixels or paths")
        if self.pixels is not None and (self.pixels.dtype != np.uint8 or self.pixels.ndim not in (3, 4)):
            raise ValueError(f"pixels: {self.pixels.dtype} {self.pixels.shape}, expected uint8 (n, h, w[, 3])")
        n = len(self)
        defaults: dict[str, Any] = {
            "weight": lambda: np.ones(n, np.float32),
            "split": lambda: np.full(n, "", "U1"),
            "subject": lambda: np.full(n, "", "U1"),
            "group": lambda: np.full(n, "", "U1"),
            "file": lambda: np.full(n, "", "U1"),
            "row": lambda: np.arange(n, dtype=np.int64),
            "made_from": lambda: np.full(n, -1, np.int64),
        }
        for name, make in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, make())
        for name in (*defaults, "votes", "box"):
            value = getattr(self, name)
            if value is not None and len(value) != n:
                raise ValueError(f"{name}: {len(value)} rows for {n} faces")
        for name, target in self.targets.items():
            if len(target) != n:
                raise ValueError(f"targets[{name!r}]: {len(target)} rows for {n} faces")
        if self.votes is not None and self.votes.shape != (n, len(VOTE_COLUMNS)):
            raise ValueError(f"votes: shape {self.votes.shape}, expected ({n}, {len(VOTE_COLUMNS)})")

    def __len__(self) -> int:
        source = self.pixels if self.pixels is not None else self.paths
        return len(source) if source is not None else 0

    def hard(self, scheme: str) -> NDArray[np.int64]:
        """(n,) position in `labels.EMOTIONS` of each face's emotion, -1 where it has none.

        FER+ follows Microsoft's majority rule on the votes; other schemes take the likeliest emotion.

        Raises:
            KeyError: a scheme that this set has no labels for.
        """
        if scheme == "ferplus" and self.votes is not None:
            return majority(self.votes)
        target = self.targets[scheme]
        if target.ndim != 2 or target.shape[1] != len(EMOTIONS):
            raise KeyError(scheme)
        known = ~np.isnan(target).all(axis=1)
        out = np.full(len(self), UNLABELLED, np.int64)
        out[known] = np.nanargmax(target[known], axis=1)
        return out

    @property
    def emotion_schemes(self) -> tuple[str, ...]:
        """The label schemes whose targets are emotions."""
        return tuple(k for k, v in self.targets.items() if v.ndim == 2 and k not in UNIT_TARGETS)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> FaceSet:
        """The rows of a mask or list of positions, as a FaceSet."""
        index = np.flatnonzero(rows) if np.asarray(rows).dtype == np.bool_ else np.asarray(rows)
        changes: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray):
                changes[f.name] = value[index]
        changes["targets"] = {k: v[index] for k, v in self.targets.items()}
        return replace(self, **changes)

    def in_split(self, *names: str) -> FaceSet:
        """The rows of these splits.

        Raises:
            MienError: a split that this set does not have.
        """
        from mien.errors import MienError

        for name in names:
            if not (self.split == name).any():
                have = ", ".join(sorted({str(s) for s in np.unique(self.split)} - {""})) or "none"
                raise MienError(f"{self.name}: no split {name!r}; it has {have}")
        return self.select(np.isin(self.split, names))

    def replace(self, **changes: Any) -> FaceSet:
        """A copy with these fields changed."""
        return replace(self, **changes)

    def digest(self) -> str:
        """sha256 over pixels or paths, targets, votes and splits: the same faces give the same digest."""
        sha = hashlib.sha256()
        sha.update(np.ascontiguousarray(self.pixels).tobytes() if self.pixels is not None else b"")
        sha.update("\n".join(map(str, self.paths)).encode() if self.paths is not None else b"")
        for key in sorted(self.targets):
            sha.update(key.encode() + np.ascontiguousarray(self.targets[key]).tobytes())
        if self.votes is not None:
            sha.update(np.ascontiguousarray(self.votes).tobytes())
        sha.update("\n".join(map(str, self.split)).encode())
        return sha.hexdigest()


def one_hot(index: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.float32]:
    """(n, 8) targets from positions in EMOTIONS: NaN rows for -1, NaN columns for emotions not in `names`."""
    out = np.zeros((len(index), len(EMOTIONS)), np.float32)
    known = index >= 0
    out[np.flatnonzero(known), index[known]] = 1
    out[:, [e not in names for e in EMOTIONS]] = np.nan
    out[~known] = np.nan
    return out
