"""Several models' predictions cut to the rows and emotions that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS


@dataclass(frozen=True, slots=True)
class SharedRows:
    """What m models say of the same n rows.

    Attributes:
        models: m names, each once; of models of one name the second ends in " (2)".
        classes: k names of the emotions that all of them judge.
        rows: (n,) int64, rows of the data set, ascending.
        targets: (n,) positions in `classes`.
        probabilities: (m, n, k), normalised over `classes`.
        left_out: m numbers of rows that the others do not have, or that show an emotion they do not have.
    """

    models: tuple[str, ...]
    classes: tuple[str, ...]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    left_out: tuple[int, ...]

    @property
    def said(self) -> NDArray[np.int64]:
        """(m, n) positions in `classes` of each model's answers."""
        return np.asarray(self.probabilities.argmax(axis=2), np.int64)


def shared_rows(predictions: Sequence[Predictions]) -> SharedRows:
    """The rows, by their number in the data set, and the emotions that all models judged.

    Raises:
        MienError: fewer than two models, other data or labels, merged classes that differ, no row or fewer than
            two emotions in common; the first model that does not go with the first is named.
    """
    if len(predictions) < 2:
        raise MienError("comparing needs at least two models; name another MODEL")
    names = distinct([one.model for one in predictions])
    common = np.logical_and.reduce([one.emotions for one in predictions])
    for name, one in zip(names, predictions, strict=True):
        _check(names[0], predictions[0], name, one, common)
    classes = np.flatnonzero(common)
    if len(classes) < 2:
        raise MienError(f"{' and '.join(names)}: {len(classes)} emotions in common; compare models that share two")
    sayable = [np.asarray(one.rows)[common[one.targets]] for one in predictions]
    rows = reduce(np.intersect1d, sayable)
    if not len(rows):
        splits = ", ".join(dict.fromkeys(one.split for one in predictions))
        raise MienError(f"{' and '.join(names)}: no row in common (splits {splits}); save all with the same --split")
    places = [_places(one, rows) for one in predictions]
    targets = np.stack([one.targets[at] for one, at in zip(predictions, places, strict=True)])
    if (odd := np.flatnonzero((targets != targets[0]).any(axis=1))).size:
        raise MienError(
            f"{names[odd[0]]}: other targets than {names[0]} for the same rows; save both again with one mien"
        )
    return SharedRows(
        models=names,
        classes=tuple(predictions[0].names[c] for c in classes),
        rows=rows.astype(np.int64),
        targets=np.searchsorted(classes, targets[0]).astype(np.int64),
        probabilities=np.stack(
            [renormalised(one.probabilities[at], classes) for one, at in zip(predictions, places, strict=True)]
        ),
        left_out=tuple(len(one) - len(rows) for one in predictions),
    )


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, the second of a name ending in " (2)", the third in " (3)" and so on."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)


def _check(first_name: str, first: Predictions, name: str, other: Predictions, common: NDArray[np.bool_]) -> None:
    if other.data_sha256 != first.data_sha256:
        raise MienError(
            f"{name}: of another data set than {first_name} (sha256 {other.data_sha256[:12]}, not"
            f" {first.data_sha256[:12]}); compare models on the same --data"
        )
    if other.labels != first.labels:
        raise MienError(
            f"{name}: judged by {other.labels} labels, {first_name} by {first.labels}; give both the same --labels"
        )
    for emotion, a, b, both in zip(EMOTIONS, first.names, other.names, common, strict=True):
        if both and a != b:
            raise MienError(f"{name}: answers {b} where {first_name} answers {a} for {emotion}; they share no class")


def _places(one: Predictions, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where these rows stand among a model's."""
    order = np.argsort(one.rows, kind="stable")
    return np.asarray(order[np.searchsorted(one.rows, rows, sorter=order)])
