"""A model that answers by brightness, calibrated, and all that a report can be made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.evaluate.comparison import compare
from mien.evaluate.ensembling import ensembles
from mien.evaluate.evaluation import evaluate
from mien.evaluate.groups import by_group
from mien.evaluate.predictor import OnnxPredictor
from mien.evaluate.report.writing import FeatureMap, HeatMap
from mien.evaluate.robustness.measure import robustness_of
from mien.evaluate.scores import Evaluation
from mien.labels import SEVEN
from mien.model_spec import Head

STORED = {
    "temperature": 2.0, "conformal_q": 0.9, "conformal_coverage": 0.9, "abstain_below": 0.3,
    "fitted_on": {"data": "fer2013", "split": "PublicTest", "n": 15},
}  # fmt: skip


class Page(HTMLParser):
    """What stands in a page: ids, targets of links, resources, numbers with their places, text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.resources: list[str] = []
        self.numbers: list[tuple[str, float]] = []
        self.told: list[str] = []
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.resources += [given[key] for key in ("src", "href", "srcset", "data") if key in given and tag != "a"]
        if tag == "data":
            self.numbers.append((given["data-key"], float(given["value"])))
        if tag in ("img", "svg") and "aria-hidden" not in given:
            assert given.get("alt") or given.get("aria-label"), (tag, given)
        if tag not in ("meta", "img", "br", "path", "circle", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "circle", "rect"):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_data(self, data: str) -> None:
        self.told.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.told).split())


@dataclass
class Material:
    """The arguments of `write_report`, and what they were made from."""

    evaluation: Evaluation
    faces: FaceSet
    predictor: OnnxPredictor
    everything: dict[str, Any]


@pytest.fixture
def page_of() -> Callable[[Path], Page]:
    return Page


@pytest.fixture
def material(tiny_model, faces) -> Material:
    heads = (Head("emotion", "emotion", SEVEN, "fer2013"),)
    predictor = OnnxPredictor(tiny_model("b<right>", heads=heads, path=None, calibration={"emotion": STORED}))
    evaluation = evaluate(predictor, faces, "PrivateTest", tta="mirror")
    first = evaluation.predictions
    second = replace(first, model="second", probabilities=np.roll(first.probabilities[:, :7], 1, axis=1))
    second = replace(second, probabilities=np.pad(second.probabilities, ((0, 0), (0, 1)), constant_values=np.nan))
    table = {"a<b>/c": np.array(["x & y", "z"])[np.arange(60) % 2]}
    rows, labels = first.rows, [first.names[c] for c in first.targets]
    picture = np.zeros((24, 48, 3), np.uint8)
    everything = {
        "evaluation": evaluation,
        "faces": faces,
        "predictor": predictor,
        "robustness": robustness_of(first, predictor, faces, n=12),
        "groups": by_group(first, table, permutations=20),
        "comparison": compare([first, second], resamples=50),
        "ensembles": ensembles([first, second], resamples=50),
        "features": FeatureMap(rows, labels, {"t-SNE": np.random.default_rng(0).normal(size=(15, 2))}, 0.5),
        "heat_maps": [HeatMap(int(rows[0]), labels[0], "fear", 0.5, "grad-cam", "fear", picture)],
    }
    return Material(evaluation, faces, predictor, everything)
