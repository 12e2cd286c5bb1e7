"""A report's two files: index.html for people, report.json for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.comparison import Comparison, rounded
from mien.evaluate.ensembling import EnsembleRow
from mien.evaluate.gallery import gallery
from mien.evaluate.groups import Groups
from mien.evaluate.predictor import Predictor
from mien.evaluate.report.document import scored
from mien.evaluate.report.page import page
from mien.evaluate.report.pictures import data_uri, portraits
from mien.evaluate.report.reader import Reader
from mien.evaluate.robustness.measure import Robustness
from mien.evaluate.scores import Evaluation

PAGE, NUMBERS = "index.html", "report.json"


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One face with its map.

    Attributes:
        row: of the data set; true, said: its label and the answer, p_said the answer's probability, 0..1.
        method, target: how the map was made, and for which output.
        picture: uint8 (h, w, 3) RGB, the face and the map as they are to be shown.
    """

    row: int
    true: str
    said: str
    p_said: float
    method: str
    target: str
    picture: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """Features of faces brought to a plane.

    Attributes:
        rows: (n,) of the data set; labels: n classes, as the evaluation names them.
        points: method, such as t-SNE -> (n, 2).
        same_label_nearby: see `features.alike_nearby`; None where it is not known.
    """

    rows: NDArray[np.int64]
    labels: Sequence[str]
    points: Mapping[str, NDArray[np.floating]]
    same_label_nearby: float | None = None


def write_report(
    folder: str | Path,
    *,
    evaluation: Evaluation,
    faces: FaceSet | None = None,
    predictor: Predictor | None = None,
    robustness: Robustness | None = None,
    groups: Groups | None = None,
    comparison: Comparison | None = None,
    ensembles: Sequence[EnsembleRow] = (),
    features: FeatureMap | None = None,
    heat_maps: Sequence[HeatMap] = (),
    reasons: Mapping[str, str] | None = None,
    k: int = 8,
) -> Path:
    """Write index.html, one file that needs nothing from elsewhere, and report.json with every number in it.

    What is not given is left out, with a line that says why.

    Args:
        folder: made where it is missing; files of an earlier report in it are replaced.
        evaluation: from `mien.evaluate`, or `score`.
        faces: the whole data set that was judged, for the pictures.
        predictor: the model, for what `mien calibrate` stored with it.
        reasons: section's id -> why it is not there, in place of the section's own words.
        k: faces in a row of the galleries.

    Returns:
        The path of index.html.

    Raises:
        MienError: a folder that cannot be written, or a picture that cannot be read.
    """
    document, pictures = scored(evaluation, faces, predictor), {}
    found = gallery(evaluation.predictions, k)
    if faces is not None:
        kinds = [found.overall, *found.by_class.values()]
        pictures = portraits(faces, (one.row for kind in kinds for picks in kind.values() for one in picks))
    document["reasons"] = dict(reasons or {}) | document["reasons"]
    document |= {
        "galleries": found.to_dict(),
        "heat_maps": [_told(one) for one in heat_maps],
        "features": _features(features),
        "robustness": robustness.to_dict() if robustness else None,
        "groups": groups.to_dict() if groups else None,
        "comparison": comparison.to_dict() if comparison else None,
        "ensembles": [row.to_dict() for row in ensembles],
    }
    html, left_out = page(Reader(document, pictures, tuple(data_uri(one.picture) for one in heat_maps)))
    del document["reasons"]
    document["left_out"] = left_out
    return _write(Path(folder), html, document)


def _told(one: HeatMap) -> dict[str, Any]:
    names = ("row", "true", "said", "p_said", "method", "target")
    found: dict[str, Any] = rounded({name: getattr(one, name) for name in names})
    return found


def _features(found: FeatureMap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    points = {method: np.asarray(xy, np.float64).round(3).tolist() for method, xy in found.points.items()}
    near = rounded(found.same_label_nearby)
    return {"rows": found.rows.tolist(), "labels": list(found.labels), "points": points, "same_label_nearby": near}


def _write(folder: Path, html: str, document: Mapping[str, Any]) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / NUMBERS).write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        (folder / PAGE).write_text(html, encoding="utf-8")
    except OSError as error:
        raise MienError(f"{folder}: {error.strerror or error}; choose a folder that can be written") from error
    return folder / PAGE
