"""A folder of results: scores, confusion matrices and predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from mien.errors import MienError, MissingExtraError
from mien.evaluate.probabilities_file import save_probabilities
from mien.evaluate.scores import Evaluation


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
    """Write `scores.json`, and for each model `confusion.png` and `probabilities.npz`.

    With several models scores.json holds a list, and the other files' names start with the model's.

    Returns:
        What could not be written for want of an extra, a line each.

    Raises:
        MienError: a folder that cannot be written.
    """
    folder = Path(folder)
    documents = [one.to_dict() for one in evaluations]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(documents if len(documents) > 1 else documents[0], indent=2)
        (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{folder}: {error.strerror or error}; choose a folder that can be written") from error
    missing: list[str] = []
    for one, start in zip(evaluations, _starts(evaluations), strict=True):
        save_probabilities(folder / f"{start}probabilities.npz", one.predictions)
        try:
            write_confusion(one, folder / f"{start}confusion.png")
        except MissingExtraError as error:
            missing.append(str(error))
    return sorted(set(missing))


def short_name(model: str) -> str:
    """A model's name in titles and file names: of a checkpoint its run and file, of other files the stem."""
    path = Path(model)
    if path.suffix.lower() == ".safetensors":
        return f"{path.absolute().parent.name}-{path.stem}"
    return path.stem if path.suffix.lower() in (".onnx", ".npz", ".toml") else path.name or model


def _starts(evaluations: Sequence[Evaluation]) -> list[str]:
    """What each model's file names start with; models of one name are numbered."""
    if len(evaluations) == 1:
        return [""]
    names = [short_name(one.model) for one in evaluations]
    return [f"{name}-{i + 1}-" if names.count(name) > 1 else f"{name}-" for i, name in enumerate(names)]
