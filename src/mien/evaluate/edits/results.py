"""A folder of what is known of a generator's edits: numbers, a sheet of edits, curves and matrices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from mien.errors import MienError, MissingExtraError
from mien.evaluate.edits.measure import EditScores
from mien.evaluate.results import short_name


def save_edits(scores: EditScores, folder: str | Path) -> list[str]:
    """Write `scores.json`, `edits.png`, `intensity.png`, `reached.png` and `judged.png`.

    Pictures of faces are those of the data set: keep the folder where the data set may lie.

    Returns:
        What could not be written for want of an extra.

    Raises:
        MienError: a folder that cannot be written.
    """
    folder = Path(folder)
    path = folder / "scores.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(scores.to_dict(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a folder that can be written") from error
    try:
        _draw(scores, folder)
    except MissingExtraError as error:
        return [str(error)]
    return []


def _draw(scores: EditScores, folder: Path) -> None:
    from mien.plots.edit_sheet import plot_edit_sheet
    from mien.plots.intensity_curves import plot_intensity_curves
    from mien.plots.reach_matrix import plot_reach_matrix

    s, name = scores, short_name(scores.generator)
    where = f"{s.data}, {s.split}"
    plot_edit_sheet(s.made.shown, s.made.pictures, s.emotions, folder / "edits.png", title=f"{name} · {where}")
    m = s.monotone
    plot_intensity_curves(
        m["levels"], m["curve"], folder / "intensity.png", chance=1 / len(s.emotions),
        title=f"{name} · Spearman {m['mean']:.2f}",
        subtitle=f"{where}, {m['faces']} faces, judged by {short_name(s.judge)}",
    )  # fmt: skip
    sources = [f"{emotion} ({n:,})" for emotion, n in zip(s.emotions, s.reached["sources"], strict=True)]
    plot_reach_matrix(
        np.array(s.reached["by_source"], np.float64), sources, s.emotions, folder / "reached.png",
        row_label="the face's own (faces)", column_label="asked for", meaning="% that show what was asked for",
        title=f"{name}: reached {s.reached['mean']:.1f} %",
    )  # fmt: skip
    counts = np.array(s.reached["judged"], np.float64)
    plot_reach_matrix(
        100 * counts / counts.sum(axis=1, keepdims=True), s.emotions, s.emotions, folder / "judged.png",
        row_label="asked for", column_label=f"seen by {short_name(s.judge)}", meaning="% of what was asked for",
        title=f"{name} · {where}, n = {s.reached['n']:,}",
    )  # fmt: skip
