"""Scores by group of people, where the user knows groups: how far apart they lie, and whether chance could do that."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.comparison import rounded
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.score.accuracy import hits
from mien.score.calibration import expected_calibration_error, negative_log_likelihood
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import RESAMPLES, wilson
from mien.score.many import holm

UNKNOWN = "unknown"
FEW = 30
"""Groups of fewer faces are shown but not compared."""
FEW_OF_CLASS = 10
"""Of fewer faces of a class no rate of errors is given."""
_CHUNK = 4_000_000

Names = NDArray[np.str_]
Table = Mapping[str, Names]
"""Attribute -> (n,) the value of each row of the data set, UNKNOWN where it is not known."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group; shares in percent, `nll` in nats, `top1_ci95` Wilson's interval.

    Attributes:
        confidence: mean probability of what the model said; above top-1, it is too sure of these faces.
        by_class: class -> `n` faces of it, `missed` of these, and `false_alarms` of the faces of other classes;
            None where there are fewer than FEW_OF_CLASS.
    """

    value: str
    n: int
    top1: float
    top1_ci95: list[float]
    macro_f1: float
    ece: float
    nll: float
    confidence: float
    by_class: dict[str, dict[str, float | int | None]]


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference in top-1 between groups of at least FEW faces.

    Attributes:
        points: the highest less the lowest top-1; ci95: its interval by bootstrap, of these two groups as they are.
        p: how often a gap as large arises when faces of one class change groups at random, so that groups of other
            mixes of classes differ no more than these make them. It takes faces as independent, which several of
            one person are not.
        p_holm: corrected for as many attributes as were looked at.
        permutations: how many were drawn.
    """

    highest: str
    lowest: str
    points: float
    ci95: list[float]
    p: float
    p_holm: float
    permutations: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of groups.

    Attributes:
        groups: the largest first, UNKNOWN last.
        gap: None where fewer than two groups are large enough.
        notes: what a reader must know, in sentences.
    """

    name: str
    groups: list[Group]
    gap: Gap | None
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Groups:
    """All attributes, of n faces."""

    model: str
    split: str
    labels: str
    n: int
    attributes: list[Attribute]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits."""
        found: dict[str, Any] = rounded(asdict(self))
        return found


def read_groups(path: str | Path, n: int) -> dict[str, Names]:
    """Groups from a CSV file with a column `row` and one or more of attributes.

    Args:
        path: rows count from 0 in the data set's own order; those that are not named, and empty cells, are UNKNOWN.
        n: rows of the data set.

    Raises:
        MienError: no such file, no column `row` or none beside it, a row that the data set does not have or that is
            named twice, with its line.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            attributes = [name for name in reader.fieldnames or [] if name and name != "row"]
            if "row" not in (reader.fieldnames or []) or not attributes:
                lacks = "column `row`" if "row" not in (reader.fieldnames or []) else "column beside `row`"
                raise MienError(f"{path}: line 1 has no {lacks}; head it row,GROUP such as row,age")
            found: dict[str, list[str]] = {name: [UNKNOWN] * n for name in attributes}
            seen: dict[int, int] = {}
            for record in reader:
                row = _row(path, reader.line_num, record["row"], n, seen)
                for name in attributes:
                    found[name][row] = (record[name] or "").strip() or UNKNOWN
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; check --groups") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not a CSV text file; save the table as CSV in UTF-8") from error
    return {name: np.array(values, np.str_) for name, values in found.items()}


def groups_known(faces: FaceSet) -> dict[str, Names]:
    """The set's own `subject` and `group`, where it knows any; empty for most sets."""
    return {
        name: np.where(values != "", values, UNKNOWN)
        for name, values in (("subject", faces.subject), ("group", faces.group))
        if (values != "").any()
    }


def by_group(predictions: Predictions, table: Table, *, permutations: int = RESAMPLES, seed: int = 0) -> Groups:
    """Scores of each group of each attribute.

    Args:
        predictions: of rows of the data set that `table` is of.
        permutations, seed: of the test and of the gap's interval.

    Raises:
        MienError: no attributes.
        ValueError: a table of fewer rows than were predicted.
    """
    if not table:
        raise MienError("no groups to score by; give --groups FILE.csv with a column `row` and one of groups")
    classes = np.flatnonzero(predictions.emotions)
    targets = np.searchsorted(classes, predictions.targets)
    probabilities = renormalised(predictions.probabilities, classes)
    right = hits(targets, probabilities)
    names = [predictions.names[c] for c in classes]
    attributes = []
    for name, values in table.items():
        if len(values) <= predictions.rows.max():
            raise ValueError(f"{name}: {len(values)} values, row {predictions.rows.max()} was predicted")
        own = values[predictions.rows]
        groups = [_group(value, own == value, targets, probabilities, names) for value in _in_order(own)]
        gap = _gap(groups, own, targets, right, permutations, seed)
        attributes.append(Attribute(name, groups, gap, _notes(groups)))
    return Groups(predictions.model, predictions.split, predictions.labels, len(predictions), _corrected(attributes))


def _row(path: str | Path, line: int, text: str | None, n: int, seen: dict[int, int]) -> int:
    text = (text or "").strip()
    if not text.isdecimal() or int(text) >= n:
        raise MienError(f"{path}: line {line}: row {text!r} is none of 0..{n - 1}; is it of another data set?")
    row = int(text)
    if row in seen:
        raise MienError(f"{path}: line {line}: row {row} stands in line {seen[row]} already; keep one of them")
    seen[row] = line
    return row


def _in_order(own: Names) -> list[str]:
    values, counts = np.unique(own, return_counts=True)
    order = sorted(zip(counts.tolist(), values.tolist(), strict=True), key=lambda one: (-one[0], one[1]))
    return [value for _, value in order if value != UNKNOWN] + [UNKNOWN] * (UNKNOWN in values)


def _group(
    value: str,
    mask: NDArray[np.bool_],
    targets: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    names: list[str],
) -> Group:
    true, said = targets[mask], probabilities[mask]
    confusion = confusion_matrix(true, said.argmax(axis=1), len(names))
    right, n = int(np.trace(confusion)), len(true)
    return Group(
        value=value,
        n=n,
        top1=100 * right / n,
        top1_ci95=list(wilson(right, n)),
        macro_f1=float(macro_f1(confusion)),
        ece=expected_calibration_error(true, said),
        nll=negative_log_likelihood(true, said),
        confidence=100 * float(said.max(axis=1).mean()),
        by_class={name: _errors(confusion, i) for i, name in enumerate(names)},
    )


def _errors(confusion: NDArray[np.int64], i: int) -> dict[str, float | int | None]:
    of_class, hit = int(confusion[i].sum()), int(confusion[i, i])
    others, alarms = int(confusion.sum()) - of_class, int(confusion[:, i].sum()) - hit
    return {
        "n": of_class,
        "missed": 100 * (of_class - hit) / of_class if of_class >= FEW_OF_CLASS else None,
        "false_alarms": 100 * alarms / others if others >= FEW_OF_CLASS else None,
    }


def _gap(
    groups: list[Group],
    own: Names,
    targets: NDArray[np.int64],
    right: NDArray[np.bool_],
    permutations: int,
    seed: int,
) -> Gap | None:
    large = [group for group in groups if group.n >= FEW and group.value != UNKNOWN]
    if len(large) < 2:
        return None
    high, low = max(large, key=lambda one: one.top1), min(large, key=lambda one: one.top1)
    points = high.top1 - low.top1
    random = np.random.default_rng(seed)
    drawn = [100 * random.binomial(one.n, one.top1 / 100, permutations) / one.n for one in (high, low)]
    kept = np.isin(own, [group.value for group in large])
    p = _p(points, own[kept], targets[kept], right[kept], permutations, random)
    low_end, high_end = np.percentile(drawn[0] - drawn[1], [2.5, 97.5])
    return Gap(high.value, low.value, points, [float(low_end), float(high_end)], p, p, permutations)


def _p(
    points: float,
    own: Names,
    targets: NDArray[np.int64],
    right: NDArray[np.bool_],
    permutations: int,
    random: np.random.Generator,
) -> float:
    """Share of permutations within classes, the faces as they are counted as one, whose gap is at least `points`."""
    order = np.argsort(targets, kind="stable")  # so that a class is a run of rows
    targets, right = targets[order], right[order]
    _, group = np.unique(own[order], return_inverse=True)
    sizes = np.bincount(group)
    runs = np.split(np.arange(len(targets)), np.flatnonzero(np.diff(targets)) + 1)
    hits_of = np.zeros((permutations, len(sizes)))
    at_once = max(1, _CHUNK // len(targets))
    for start in range(0, permutations, at_once):
        m = min(at_once, permutations - start)
        for run in runs:
            mixed = random.permuted(np.broadcast_to(right[run], (m, len(run))), axis=1)
            hits_of[start : start + m] += mixed.astype(np.float32) @ np.eye(len(sizes), dtype=np.float32)[group[run]]
    top1 = 100 * hits_of / sizes
    gaps = top1.max(axis=1) - top1.min(axis=1)
    return float((1 + (gaps >= points - 1e-6).sum()) / (1 + permutations))


def _notes(groups: list[Group]) -> list[str]:
    notes = []
    small = [group for group in groups if group.n < FEW and group.value != UNKNOWN]
    if small:
        listed = ", ".join(f"{group.value} ({group.n})" for group in small[:10])
        more = f" and {len(small) - 10} more" if len(small) > 10 else ""
        notes.append(f"Fewer than {FEW} faces, so not compared: {listed}{more}.")
    if sum(group.n >= FEW and group.value != UNKNOWN for group in groups) < 2:
        notes.append(f"No gap: it takes two groups of at least {FEW} faces.")
    unknown = next((group.n for group in groups if group.value == UNKNOWN), 0)
    if unknown:
        notes.append(f"The group of {unknown:,} faces is not known; they are not compared.")
    return notes


def _corrected(attributes: list[Attribute]) -> list[Attribute]:
    gaps = [one.gap for one in attributes if one.gap]
    if not gaps:
        return attributes
    corrected = iter(holm([gap.p for gap in gaps]))
    return [replace(a, gap=replace(a.gap, p_holm=float(next(corrected)))) if a.gap else a for a in attributes]
