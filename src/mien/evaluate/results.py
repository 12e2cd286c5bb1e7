"""A folder of results: scores, confusion matrices and predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.errors import MienError, MissingExtraError
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.probabilities_file import save_probabilities
from mien.evaluate.scores import Evaluation

if TYPE_CHECKING:
    from mien.evaluate.side_by_side import SideBySide


def write_confusion(evaluation: Evaluation, path: str | Path) -> None:
    """Draw the confusion matrix, titled with model, data, split and n.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    from mien.plots.confusion import plot_confusion

    e = evaluation
    plot_confusion(
        e.confusion, e.classes, path,
        title=f"{short_name(e.model)} · top-1 {e.top1:.1f} %",
        subtitle=f"{e.data}, {e.split}, labels {e.labels}, n = {e.n:,}",
    )  # fmt: skip


def save_results(evaluations: Sequence[Evaluation], folder: str | Path) -> list[str]:
    """Write `scores.json`, and for each model `probabilities.npz`, `confusion.png`, `curves.png` and `reliability.png`.

    With several models scores.json holds a list, and the other files' names start with the model's.

    Returns:
        What could not be written for want of an extra, a line each.

    Raises:
        MienError: a folder that cannot be written.
    """
    folder = Path(folder)
    documents = [one.to_dict() for one in evaluations]
    _write_json(folder / "scores.json", documents if len(documents) > 1 else documents[0])
    missing: list[str] = []
    for one, start in zip(evaluations, file_starts(evaluations), strict=True):
        save_probabilities(folder / f"{start}probabilities.npz", one.predictions)
        try:
            write_confusion(one, folder / f"{start}confusion.png")
            _write_curves(one, folder, start)
        except MissingExtraError as error:
            missing.append(str(error))
    return sorted(set(missing))


def _write_curves(evaluation: Evaluation, folder: Path, start: str) -> None:
    """ROC and precision-recall curves, and the reliability diagram."""
    from mien.plots.rank_curves import plot_rank_curves
    from mien.plots.reliability import plot_reliability
    from mien.score.calibration import reliability

    e, predictions = evaluation, evaluation.predictions
    classes = np.flatnonzero(predictions.emotions)
    targets = np.searchsorted(classes, predictions.targets)
    probabilities = renormalised(predictions.probabilities, classes)
    title = f"{short_name(e.model)} · {e.data}, {e.split}"
    plot_rank_curves(targets, probabilities, e.classes, folder / f"{start}curves.png", title=title)
    table = {f"ECE {e.ece:.1f} %": reliability(targets, probabilities)}
    plot_reliability(table, folder / f"{start}reliability.png", title=title)


def save_comparison(together: SideBySide, folder: str | Path) -> list[str]:
    """Write `comparison.json`, and `agreement.png` where models could be compared.

    Returns:
        What could not be written for want of an extra.

    Raises:
        MienError: a folder that cannot be written.
    """
    folder = Path(folder)
    _write_json(folder / "comparison.json", together.to_dict())
    c = together.comparison
    if c is None:
        return []
    from mien.plots.agreement import plot_agreement

    try:
        names = [short_name(name) for name in c.models]
        plot_agreement(c.agreement, names, folder / "agreement.png", kappa=c.kappa, subtitle=f"{c.split}, n = {c.n:,}")
    except MissingExtraError as error:
        return [str(error)]
    return []


def _write_json(path: Path, document: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a folder that can be written") from error


def short_name(model: str) -> str:
    """A model's name in titles and file names: of a checkpoint its run and file, of other files the stem."""
    path = Path(model)
    if path.suffix.lower() == ".safetensors":
        return f"{path.absolute().parent.name}-{path.stem}"
    return path.stem if path.suffix.lower() in (".onnx", ".npz", ".toml") else path.name or model


def file_starts(evaluations: Sequence[Evaluation]) -> list[str]:
    """What each model's file names start with; models of one name are numbered."""
    if len(evaluations) == 1:
        return [""]
    names = [short_name(one.model) for one in evaluations]
    return [f"{name}-{i + 1}-" if names.count(name) > 1 else f"{name}-" for i, name in enumerate(names)]
