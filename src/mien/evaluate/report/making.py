"""The whole report of one model on a split, from its scores: what `mien evaluate --report` calls."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.comparison import Comparison
from mien.evaluate.ensembling import EnsembleRow
from mien.evaluate.gallery import MOST_RIGHT, MOST_WRONG, Pick, gallery
from mien.evaluate.groups import Table, by_group, groups_known, read_groups
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Predictions, Progress
from mien.evaluate.predictor import Predictor
from mien.evaluate.report.pictures import SIDE
from mien.evaluate.report.writing import FeatureMap, HeatMap, write_report
from mien.evaluate.robustness.measure import FACES, robustness_of, sample
from mien.evaluate.scores import Evaluation

METHOD = "grad-cam"
MAPPED = 1000
"""Faces on the map of features."""
_NO_MODEL = "the model itself is not at hand, only its answers; name the model in place of saved ones or an ensemble."
_NO_DATA = "the pictures are not at hand; add --data."
_NAMES = {"tsne": "t-SNE", "umap": "UMAP"}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: index.html, and how many seconds each part took."""

    path: Path
    seconds: Mapping[str, float]


@dataclass(slots=True)
class _Parts:
    """Parts as they are made; one that fails leaves a reason behind and the report goes on."""

    found: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str, key: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        except MienError as error:  # a missing extra among them
            self.reasons[key] = f"{error}."
        self.seconds[name] = time.perf_counter() - start


def report_on(
    model_name: str,
    predictor: Predictor | None,
    faces: FaceSet | None,
    evaluation: Evaluation,
    folder: str | Path,
    *,
    robustness_n: int | None = FACES,
    groups: str | Path | Table | None = None,
    comparison: Comparison | None = None,
    ensembles: Sequence[EnsembleRow] = (),
    projections: Sequence[str] = ("tsne",),
    device: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> Made:
    """Compute what the evaluation does not hold, and write the report.

    Args:
        model_name: as `open_model` and `open_explainer` take it.
        predictor: the model; None for saved probabilities and ensembles, whose reports leave out what needs one.
        faces: the whole data set; None where it is not at hand.
        evaluation: of this model on this data.
        folder: gets index.html and report.json.
        robustness_n: faces to spoil, each class in its share; 0 for none, None for all of the split.
        groups: CSV as `read_groups` takes it, or a table of groups; None takes the data set's own people.
        comparison, ensembles: of this model with others.
        projections: of the map of features: `tsne`, `umap`.
        device: for heat maps of a run.
        seed: of samples, corruptions, tests and maps.
        progress: told of robustness, which takes the longest, how many pictures are done and of how many.

    Raises:
        MienError: groups that cannot be read, a negative `robustness_n`, a folder that cannot be written.
    """
    if robustness_n is not None and robustness_n < 0:
        raise MienError(f"--robustness {robustness_n}: give a number of faces, or 0 for none")
    predictions, parts = evaluation.predictions, _Parts()
    table = _table(groups, faces)  # a broken file is told before anything is computed
    start = time.perf_counter()
    if table:
        parts.found["groups"] = by_group(predictions, table, seed=seed)
    elif faces is not None:
        parts.reasons["groups"] = f"{faces.name} knows no groups of people; give --groups FILE.csv."
    parts.seconds["groups"] = time.perf_counter() - start
    _add_what_the_model_gives(
        parts, model_name, predictor, faces, predictions,
        robustness_n=robustness_n, projections=projections, device=device, seed=seed, progress=progress,
    )  # fmt: skip
    start = time.perf_counter()
    path = write_report(
        folder, evaluation=evaluation, faces=faces, predictor=predictor, comparison=comparison, ensembles=ensembles,
        reasons=parts.reasons, **parts.found,
    )  # fmt: skip
    parts.seconds["scores, galleries and writing"] = time.perf_counter() - start
    return Made(path, parts.seconds)


def _add_what_the_model_gives(
    parts: _Parts,
    model_name: str,
    predictor: Predictor | None,
    faces: FaceSet | None,
    predictions: Predictions,
    *,
    robustness_n: int | None,
    projections: Sequence[str],
    device: str,
    seed: int,
    progress: Progress | None,
) -> None:
    """Heat maps, map of features and robustness, or why there are none."""
    if faces is None or predictor is None:
        why = _NO_DATA if faces is None else _NO_MODEL
        parts.reasons |= dict.fromkeys(("robustness", "heat-maps", "features"), why)
        return
    with parts.part("heat maps", "heat-maps"):
        parts.found["heat_maps"] = heat_maps(model_name, predictor, faces, predictions, device=device)
    with parts.part("features", "features"):
        parts.found["features"] = feature_map(predictor, faces, predictions, projections, seed=seed)
    if robustness_n != 0:
        with parts.part("robustness", "robustness"):
            parts.found["robustness"] = robustness_of(
                predictions, predictor, faces, n=robustness_n, seed=seed, progress=progress
            )


def heat_maps(
    model_name: str, predictor: Predictor, faces: FaceSet, predictions: Predictions, *, device: str = "auto"
) -> list[HeatMap]:
    """Of each class the face that the model gets most right and the one that it gets most wrong.

    Raises:
        MienError: a model whose maps cannot be made.
        MissingExtraError: a run without torch.
    """
    from mien.evaluate.explain.explain import explain
    from mien.evaluate.explain.explainer import open_explainer
    from mien.runtime.heat_drawing import overlay

    by_class = gallery(predictions, 1).by_class
    picks: list[Pick] = [one for kinds in by_class.values() for kind in (MOST_RIGHT, MOST_WRONG) for one in kinds[kind]]
    spec, chosen = predictor.spec, faces.select(np.array([one.row for one in picks], np.int64))
    inputs = np.concatenate(list(crops(chosen, spec.height, spec.width, spec.colour)))
    explainer = open_explainer(model_name, device)
    here, there = predictor.logits(inputs), explainer.logits(inputs)
    if here.shape != there.shape or not np.allclose(here, there, atol=1e-2):
        raise MienError(f"{model_name}: the model of that name answers otherwise than the one evaluated")
    shown = np.concatenate(list(crops(chosen, SIDE, SIDE, "rgb")))
    out: dict[int, HeatMap] = {}
    for said in {one.said for one in picks}:  # calibrated: not always the largest of the logits
        places = [i for i, one in enumerate(picks) if one.said == said]
        found = explain(explainer, inputs[places], said, METHOD)
        for i, name, heat in zip(places, found.names, found.maps, strict=True):
            picture = np.concatenate([shown[i], overlay(shown[i], heat)], axis=1)
            out[i] = HeatMap(picks[i].row, picks[i].true, said, picks[i].p_said, METHOD, name, picture)
    return [out[i] for i in range(len(picks))]


def feature_map(
    predictor: Predictor,
    faces: FaceSet,
    predictions: Predictions,
    projections: Sequence[str] = ("tsne",),
    *,
    seed: int = 0,
) -> FeatureMap:
    """Features of up to MAPPED faces, each class in its share, brought to a plane.

    Raises:
        MienError: a model that gives no features, or too few faces.
        MissingExtraError: a package that is not installed.
    """
    from mien.evaluate.features import alike_nearby, embeddings, project

    if not hasattr(predictor, "embeddings"):
        raise MienError(f"{predictor.spec.name}: gives no features of a face")
    kept = sample(predictions.targets, MAPPED, seed)
    features = embeddings(predictor, faces.select(predictions.rows[kept]))  # type: ignore[arg-type]  # just looked
    targets: NDArray[np.int64] = predictions.targets[kept]
    return FeatureMap(
        rows=predictions.rows[kept],
        labels=[predictions.names[c] for c in targets],
        points={_NAMES[method]: project(features, method, seed) for method in projections},
        same_label_nearby=alike_nearby(features, targets),
    )


def _table(groups: str | Path | Table | None, faces: FaceSet | None) -> Table:
    if isinstance(groups, Mapping):
        return groups
    if groups is None:
        return groups_known(faces) if faces is not None else {}
    if faces is None:
        raise MienError(f"{groups}: groups are of a data set's rows; add --data")
    return read_groups(groups, len(faces))
