"""A folder of results: scores, figures, and sheets of the faces worth looking at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.errors import MienError, MissingExtraError
from mien.evaluate.affect import AffectScores
from mien.evaluate.pixels import crops
from mien.evaluate.results import short_name
from mien.evaluate.units.evaluation import HeadsEvaluation, Scores
from mien.evaluate.units.occurrence import UnitScores
from mien.evaluate.units.picks import Pick, Picks, amount_picks, unit_picks
from mien.runtime.captioned_sheet import captioned_file

SIDE = 112
"""Pixels of a face on a sheet."""


def save_heads(found: HeadsEvaluation, faces: FaceSet, folder: str | Path, k: int = 8) -> list[str]:
    """Write `scores.json`, `faces.json` and the sheets; with the extra `plots` a figure of each head's scores.

    Sheets are `AU06-wrong.png`, `-right.png` and `-uncertain.png` of each unit, and `valence-wrong.png` and so on; of
    intensities `AU06-intensity-wrong.png`. Where two heads would write one name, the head's name stands before it.

    Args:
        faces: the data set that was judged, all its rows.
        k: faces in a row of a sheet.

    Returns:
        What could not be written for want of an extra, a line each.

    Raises:
        MienError: a folder that cannot be written.
    """
    folder = Path(folder)
    _write_json(folder / "scores.json", found.to_dict())
    missing: list[str] = []
    listed: dict[str, Any] = {}
    taken: set[str] = set()
    for name, scores in found.heads.items():
        for stem, title, sheets in _sheets(name, scores, k):
            stem = f"{name}-{stem}" if stem in taken else stem
            taken.add(stem)
            for sheet, rows in sheets.items():
                file = f"{stem}-{sheet}.png"
                _draw(folder / file, rows, faces, f"{title}: most {sheet} · {short_name(found.model)}, {found.split}")
                listed[file] = {row: [_fact(one) for one in some] for row, some in rows.items()}
        try:
            _figures(name, scores, found, folder)
        except MissingExtraError as error:
            missing.append(str(error))
    _write_json(folder / "faces.json", listed)
    return sorted(set(missing))


def _sheets(name: str, scores: Scores, k: int) -> Iterator[tuple[str, str, Picks]]:
    if isinstance(scores, UnitScores):
        for unit in scores.units:
            yield unit, unit, unit_picks(scores, unit, k)
        return
    affect = isinstance(scores, AffectScores)
    for label in scores.names if isinstance(scores, AffectScores) else scores.units:
        yield label if affect else f"{label}-intensity", label, amount_picks(scores, label, k)


def _draw(path: Path, rows: dict[str, list[Pick]], faces: FaceSet, title: str) -> None:
    cells = {}
    for name, some in rows.items():
        index = np.array([one.row for one in some], np.int64)
        pictures = np.concatenate(list(crops(faces.select(index), SIDE, SIDE, "rgb")))
        cells[name] = [(picture, one.caption) for picture, one in zip(pictures, some, strict=True)]
    captioned_file(path, cells, title)


def _fact(one: Pick) -> dict[str, Any]:
    return {"row": one.row, "target": round(one.target, 6), "said": round(one.said, 6)}


def _figures(name: str, scores: Scores, found: HeadsEvaluation, folder: Path) -> None:
    from mien.plots.affect_errors import plot_affect_errors
    from mien.plots.unit_confusion import plot_unit_confusion
    from mien.plots.unit_scores import plot_unit_scores

    title = f"{short_name(found.model)} · {found.data}, {found.split}"
    if isinstance(scores, AffectScores):
        if len(scores.names) == 2:
            plot_affect_errors(scores.targets, scores.said, folder / f"{name}.png", title=title)
        return
    units = isinstance(scores, UnitScores)
    values = scores.scores.f1 if isinstance(scores, UnitScores) else scores.scores.icc
    ends = scores.f1_ci95 if isinstance(scores, UnitScores) else scores.icc_ci95
    rows = [(unit, int(scores.scores.positive[u]), float(values[u]), ends[u]) for u, unit in enumerate(scores.units)]
    plot_unit_scores(
        rows, folder / f"{name}.png", score="F1, %" if units else "ICC(3,1)", whole=100 if units else 1, title=title
    )
    if isinstance(scores, UnitScores):
        plot_unit_confusion(scores.between, scores.units, folder / f"{name}-confusion.png", title=title)


def _write_json(path: Path, document: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a folder that can be written") from error
