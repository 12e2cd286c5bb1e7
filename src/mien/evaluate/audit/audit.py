"""`audit`: everything that is looked for in a data set, in one go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.audit.blank import blank_findings
from mien.evaluate.audit.confident_learning import error_summary, likely_errors
from mien.evaluate.audit.drift import drift
from mien.evaluate.audit.finding import KINDS, PAIRS, Finding
from mien.evaluate.audit.twins import Twins, across_splits, exact_summary, find_twins, twin_findings
from mien.evaluate.audit.vote_labels import agreement, vote_findings
from mien.evaluate.duplicates import exact_groups
from mien.evaluate.exclusions import read_exclusions
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Predictions
from mien.evaluate.same_picture import SIZE

Progress = Callable[[str, int, int], None]
"""Told of each step its name, how far it is, and of how much."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found.

    Attributes:
        findings: of the kinds asked for, in the order of `finding.KINDS`, then by row.
        summary: everything that is counted, as audit.json holds it.
    """

    findings: list[Finding]
    summary: dict[str, Any]


def audit(
    faces: FaceSet,
    scheme: str | None = None,
    *,
    probabilities: Predictions | None = None,
    exclude: str | Path | None = None,
    kinds: Sequence[str] = KINDS,
    progress: Progress | None = None,
) -> Audit:
    """Look for copies, contradictions, empty pictures, doubtful labels and drift between splits.

    Args:
        faces: the whole data set, all splits; made pictures in it are not looked at.
        scheme: the labels to examine, a key of `faces.targets`; None for a set without emotion labels.
        probabilities: of rows that the net did not learn, as `confident_learning.joined` gives them; without
            them no label errors are looked for by confident learning.
        exclude: CSV whose column `row` names rows that are not looked at.
        kinds: which findings are wanted, of `finding.KINDS`; the summary counts these alone.
        progress: told of each step.

    Raises:
        MienError: an unknown kind, a picture that cannot be read, rows that the list does not fit, none left, or a
            set of made pictures.
        MissingExtraError: probabilities without cleanlab.
    """
    started = time.monotonic()
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise MienError(f"unknown kind {unknown[0]!r}: choose from {', '.join(KINDS)}")
    real = faces.made_from < 0  # a made picture is like its source, and carries its label or another on purpose
    if not real.any():
        raise MienError(f"{faces.name}: made pictures; audit the data set that they were made from")
    kept = np.flatnonzero(real if exclude is None else real & ~read_exclusions(exclude, len(faces)))
    if not len(kept):
        raise MienError(f"{faces.name}: no rows left to look at; exclude fewer")
    some = faces if len(kept) == len(faces) else faces.select(kept)
    labels = some.hard(scheme) if scheme else np.full(len(some), -1, np.int64)
    thumbnails = _thumbnails(some, progress)
    told, near = partial(progress, "near duplicates") if progress else None, {"near", "label_conflict"} & set(kinds)
    twins = find_twins(_pictures(some), thumbnails, some.split, near=bool(near), progress=told)
    found = twin_findings(twins, labels) + blank_findings(thumbnails, labels)
    if some.votes is not None:
        found += vote_findings(some.votes, labels)
    found = [f._replace(row=int(kept[f.row]), twin=int(kept[f.twin]) if f.twin >= 0 else -1) for f in found]
    errors = None if probabilities is None else _errors(probabilities, kept, found)
    found = _one_suspect_a_row(found + (errors or []))
    wanted = sorted((f for f in found if f.kind in kinds), key=lambda f: (KINDS.index(f.kind), f.row, f.twin))
    summary = _summary(faces, some, scheme, labels, twins, thumbnails, wanted)
    if probabilities is not None and errors is not None:
        summary["confident_learning"] = error_summary(_of_rows(probabilities, kept), errors)
    return Audit(wanted, summary | {"seconds": round(time.monotonic() - started, 1)})


def _thumbnails(faces: FaceSet, progress: Progress | None) -> NDArray[np.uint8]:
    """(n, 48, 48) grey."""
    parts, done = [], 0
    for part in crops(faces, SIZE, SIZE, "grey"):
        parts.append(part[..., 0])
        done += len(part)
        if progress:
            progress("pictures", done, len(faces))
    return np.concatenate(parts)


def _pictures(faces: FaceSet) -> NDArray[np.int64]:
    """(n,) numbers from 0; rows with the very same pixels, cut at the same box, share one."""
    group = exact_groups(faces)
    if faces.box is None:
        return group
    _, box = np.unique(np.nan_to_num(faces.box, nan=-1), axis=0, return_inverse=True)
    _, both = np.unique(np.stack([group, box.ravel()]), axis=1, return_inverse=True)
    return np.asarray(both.ravel(), np.int64)


def _of_rows(probabilities: Predictions, kept: NDArray[np.int64]) -> Predictions:
    mine = np.isin(probabilities.rows, kept)
    if not mine.any():
        raise MienError(f"{probabilities.model}: holds none of the rows that are looked at; exclude fewer")
    columns = {name: getattr(probabilities, name)[mine] for name in ("rows", "targets", "probabilities")}
    return replace(probabilities, **columns)


def _errors(probabilities: Predictions, kept: NDArray[np.int64], found: Sequence[Finding]) -> list[Finding]:
    """Likely label errors among the rows that show a face at all."""
    hollow = [f.row for f in found if f.kind in ("blank", "not_a_face")]
    return likely_errors(_of_rows(probabilities, np.setdiff1d(kept, hollow)))


def _one_suspect_a_row(found: Sequence[Finding]) -> list[Finding]:
    """Where votes and confident learning both doubt a label, the votes' line with both as its source."""
    doubted = {f.row for f in found if f.source == "confident learning"}
    voted = {f.row for f in found if f.source == "votes"}
    both = "votes and confident learning"
    return [
        f._replace(source=both) if f.source == "votes" and f.row in doubted else f
        for f in found
        if not (f.source == "confident learning" and f.row in voted)
    ]


def _summary(
    faces: FaceSet,
    some: FaceSet,
    scheme: str | None,
    labels: NDArray[np.int64],
    twins: Twins,
    thumbnails: NDArray[np.uint8],
    wanted: Sequence[Finding],
) -> dict[str, Any]:
    """`some` are the rows that were looked at, of `faces`."""
    names, counts = np.unique(some.split, return_counts=True)
    present = [f.kind for f in wanted]
    suspects = [f.source for f in wanted if f.kind == "suspect_label"]
    pairs = {(f.row, f.twin) for f in wanted if f.kind in PAIRS}
    grey = thumbnails.reshape(len(thumbnails), -1) / np.float32(255)
    votes = some.votes if some.votes is not None and some.votes.any() else None
    return {
        "data": faces.name,
        "data_sha256": faces.content or faces.digest(),
        "n": len(some),
        "excluded": len(faces) - len(some),
        "labels": scheme,
        "splits": dict(zip(names.tolist(), counts.tolist(), strict=True)),
        "findings": {kind: present.count(kind) for kind in KINDS},
        "rows_to_leave_out": len({f.row for f in wanted}),
        "pairs": len(pairs),
        "suspects_by_source": {source: suspects.count(source) for source in sorted(set(suspects))},
        "exact": exact_summary(twins, labels, some.split),
        "twins_in_other_splits": across_splits(twins, some.split),
        "agreement_with_votes": None if votes is None else agreement(votes, labels),
        "confident_learning": None,
        "drift": drift(labels, grey.mean(axis=1).astype(np.float64), grey.std(axis=1).astype(np.float64), some.split),
    }
