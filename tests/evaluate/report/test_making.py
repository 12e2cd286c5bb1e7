"""The whole report of a model: what is made by itself, and what becomes of parts that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictor import open_model
from mien.evaluate.report.making import feature_map, heat_maps, report_on


def test_all_that_one_model_gives(material, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    m, told = material, []
    groups = tmp_path / "groups.csv"
    groups.write_text("row,camera\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(60)))
    made = report_on("none.onnx", m.predictor, m.faces, m.evaluation, tmp_path / "r", robustness_n=10, groups=groups,
                     progress=lambda *step: told.append(step))  # fmt: skip
    document = json.loads((tmp_path / "r" / "report.json").read_text())
    assert made.path == tmp_path / "r" / "index.html"
    assert {"robustness", "groups", "features", "heat maps"} < set(made.seconds)
    assert document["robustness"]["n"] == 10
    assert told[-1] == (350, 350)
    assert [one["value"] for one in document["groups"]["attributes"][0]["groups"]] == ["b", "a"]
    assert len(document["features"]["points"]["t-SNE"]) == 15
    # a model of another build than the maps need: told, and the report goes on
    assert set(document["left_out"]) == {"heat-maps", "comparison"}
    assert "none.onnx" in document["left_out"]["heat-maps"]


def test_answers_without_a_model_make_a_report_too(material, tmp_path: Path) -> None:
    report_on("p.npz", None, material.faces, material.evaluation, tmp_path)
    left = json.loads((tmp_path / "report.json").read_text())["left_out"]
    assert "only its answers" in left["robustness"]
    assert "knows no groups" in left["groups"]
    assert "galleries" not in left
    report_on("p.npz", None, None, material.evaluation, tmp_path)
    left = json.loads((tmp_path / "report.json").read_text())["left_out"]
    assert all("--data" in left[key] for key in ("galleries", "robustness", "features"))


def test_none_to_spoil_and_own_groups(material, tmp_path: Path) -> None:
    faces = material.faces.replace(subject=np.array(["p", "q"])[np.arange(60) % 2])
    report_on("p.npz", None, faces, material.evaluation, tmp_path, robustness_n=0)
    assert json.loads((tmp_path / "report.json").read_text())["groups"]["attributes"][0]["name"] == "subject"
    with pytest.raises(MienError, match="--robustness -1"):
        report_on("p.npz", None, faces, material.evaluation, tmp_path, robustness_n=-1)
    with pytest.raises(MienError, match="add --data"):
        report_on("p.npz", None, None, material.evaluation, tmp_path, groups="g.csv")


def test_heat_maps_of_a_bundled_model(faces) -> None:
    predictor = open_model("small-fer2013")
    predictions = evaluate(predictor, faces, "PrivateTest").predictions
    found = heat_maps("small-fer2013", predictor, faces, predictions)
    assert {one.true for one in found} == set(predictions.names[:7])
    assert all(one.target == one.said for one in found)
    assert found[0].picture.shape == (96, 192, 3)
    left, right = found[0].picture[:, :96].astype(int), found[0].picture[:, 96:].astype(int)
    assert np.ptp(left, axis=2).max() == 0
    assert np.ptp(right, axis=2).max() > 50
    with pytest.raises(MienError, match="answers otherwise"):
        heat_maps("small", predictor, faces, predictions)


def test_features_need_a_model_that_gives_them(faces, bright) -> None:
    predictions = evaluate(bright(), faces, "PrivateTest").predictions
    with pytest.raises(MienError, match="gives no features"):
        feature_map(bright(), faces, predictions)
