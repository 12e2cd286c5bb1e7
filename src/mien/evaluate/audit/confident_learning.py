"""Likely label errors by confident learning, from probabilities of nets that did not learn the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError, needing
from mien.evaluate.audit.finding import Finding, label_name
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import load_probabilities


def joined(paths: Sequence[str | Path], faces: FaceSet, scheme: str) -> Predictions:
    """Saved probabilities of parts of a data set, such as of its folds, as those of one.

    Args:
        paths: files of `mien evaluate --save-probabilities` or `mien data audit --save-out-of-fold`.
        faces: the whole data set.
        scheme: of the labels that are examined.

    Raises:
        MienError: a file that cannot be read, or is of another data set or other labels, or two that hold one row.
    """
    return join([(str(path), load_probabilities(path)) for path in paths], faces, scheme)


def join(parts: Sequence[tuple[str, Predictions]], faces: FaceSet, scheme: str) -> Predictions:
    """The same of named predictions; their rows must be those of `faces`."""
    content, labels = faces.content or faces.digest(), faces.hard(scheme)
    holder = np.full(len(faces), -1, np.int64)
    for number, (name, part) in enumerate(parts):
        if part.data_sha256 != content:
            raise MienError(f"{name}: holds rows of other data ({part.data}); save it again from this data set")
        if part.labels != scheme:
            raise MienError(f"{name}: was made for {part.labels} labels; add --labels {part.labels}")
        if (part.rows < 0).any() or (part.rows >= len(faces)).any() or (labels[part.rows] != part.targets).any():
            raise MienError(f"{name}: its rows have other labels than this data set; save it again from this data set")
        if (part.emotions != parts[0][1].emotions).any():
            raise MienError(f"{name}: knows other emotions than {parts[0][0]}; give folds of one recipe")
        twice = np.flatnonzero(holder[part.rows] >= 0)
        if len(twice) or len(np.unique(part.rows)) < len(part.rows):
            row = int(part.rows[twice[0]]) if len(twice) else -1
            before = parts[holder[row]][0] if len(twice) else name
            what = f"row {row} stands in {before} too" if len(twice) else "holds a row twice"
            raise MienError(f"{name}: {what}; give each row once, from the run that did not learn it")
        holder[part.rows] = number
    first = parts[0][1]
    rows = np.concatenate([part.rows for _, part in parts])
    order = np.argsort(rows)
    return replace(
        first,
        model=", ".join(dict.fromkeys(part.model for _, part in parts)),
        split=", ".join(dict.fromkeys(part.split for _, part in parts)),
        rows=rows[order],
        targets=np.concatenate([part.targets for _, part in parts])[order],
        probabilities=np.concatenate([part.probabilities for _, part in parts])[order],
        averaged=None, elsewhere=None, dropped={}, logits=None, branches=None, tta="", votes=None,
    )  # fmt: skip


def likely_errors(predictions: Predictions) -> list[Finding]:
    """`suspect_label` by confident learning (Northcutt, Jiang and Chuang 2021), likeliest first.

    A class's threshold is the mean probability that its own rows give it (eq. 2); rows above another class's threshold
    make up the confident joint, which is calibrated to an estimate of how often each label stands for each class, and
    so many rows are taken off (prune by noise rate, section 3.2). cleanlab does that. The score is 1 less the
    probability of the row's own label.

    Raises:
        MienError: a class with no row, or with too few rows to learn anything from.
        MissingExtraError: no cleanlab.
    """
    with needing("finding label errors from probabilities", "audit", "cleanlab"):
        from cleanlab.filter import find_label_issues
    classes, own = _classes(predictions)
    probabilities = renormalised(predictions.probabilities, classes)
    flagged = np.asarray(
        find_label_issues(own, probabilities, filter_by="prune_by_noise_rate", n_jobs=1, verbose=False), np.bool_
    )
    doubt = 1 - probabilities[np.arange(len(own)), own]
    best = classes[probabilities.argmax(axis=1)]
    flagged &= best != predictions.targets
    found = np.flatnonzero(flagged)
    return [
        Finding(
            "suspect_label", int(predictions.rows[i]), float(doubt[i]), -1, int(predictions.targets[i]), int(best[i]),
            "confident learning",
        )
        for i in found[np.argsort(-doubt[found], kind="stable")].tolist()
    ]  # fmt: skip


def error_summary(predictions: Predictions, found: Sequence[Finding]) -> dict[str, Any]:
    """How many rows were examined and found, and how well the nets do on rows that they did not learn."""
    classes, own = _classes(predictions)
    best = renormalised(predictions.probabilities, classes).argmax(axis=1)
    by_class: dict[str, int] = {}
    for finding in found:
        name = label_name(finding.label)
        by_class[name] = by_class.get(name, 0) + 1
    return {
        "model": predictions.model,
        "examined": len(predictions),
        "found": len(found),
        "top1": round(100 * float((best == own).mean()), 2),
        "found_by_label": by_class,
    }


def _classes(predictions: Predictions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(k,) emotions that have a row, and (m,) which of them each row's label is."""
    classes, own = np.unique(predictions.targets, return_inverse=True)
    if len(classes) < 2:
        raise MienError("rows of one class alone cannot be told right from wrong; give probabilities of more rows")
    return classes.astype(np.int64), own.ravel().astype(np.int64)
