"""`mien calibrate --head`: thresholds of units in a run's folder and in .onnx alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.heads_of_units import HEADS, write_model, write_set
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.model_spec import ModelSpec
from mien.runtime.session import OnnxModel


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(write_set(tmp_path / "here"))


@pytest.fixture
def model(tiny_model) -> str:
    return str(write_model(tiny_model))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder with a net of these heads that was never trained."""
    import torch

    from mien.lab.models.registry import create
    from mien.lab.train.checkpoint import save_weights

    torch.manual_seed(0)
    options = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
    spec = ModelSpec("r", "small", HEADS, 48, 48, architecture_options=options, embedding=8)
    run = tmp_path / "run"
    run.mkdir()
    net = create("small", HEADS, channels=1, height=48, width=48, **options).eval()
    for which in ("best", "final"):
        digest = save_weights(net, spec, run / f"{which}.safetensors")
    (run / "model.json").write_text(spec.replace(sha256=digest).to_json())
    return run


def mien(command: str, *arguments: object):
    return CliRunner().invoke(app, [command, *map(str, arguments)])


def document(command: str, *arguments: object) -> dict:
    result = mien(command, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_evaluate_takes_what_was_stored_in_onnx(data: str, model: str, tmp_path: Path) -> None:
    before = document("evaluate", model, "--data", data, "--head", "units")["heads"]["units"]
    told = document("calibrate", model, "--data", data, "--head", "units", "--report", tmp_path / "report")
    assert (told["split"], told["n"], told["file"]) == ("Validation", 20, model)
    assert json.loads((tmp_path / "report" / "thresholds.json").read_text()) == told
    after = document("evaluate", model, "--data", data, "--head", "units")["heads"]["units"]
    fitted = document("evaluate", model, "--data", data, "--head", "units", "--fit-on", "validation")["heads"]["units"]
    assert (before["thresholds_from"], after["thresholds_from"]) == ("0.5", "the model")
    assert after["mean"] == fitted["mean"]
    assert after["mean"]["f1"] > before["mean"]["f1"] == before["mean_f1_at_half"] == after["mean_f1_at_half"]
    assert OnnxModel(Path(model)).spec.calibration["units"]["thresholds_fitted_on"]["split"] == "Validation"


def test_a_run_and_its_export_score_alike(data: str, folder: Path, tmp_path: Path) -> None:
    told = document("calibrate", folder, "--data", data, "--head", "units")
    assert told["file"] == str(folder / "final.safetensors")
    assert mien("export", folder, "--out", tmp_path / "r.onnx", "--quiet").exit_code == 0
    stored = [
        ModelSpec.from_file(folder / "model.json").calibration,
        OnnxModel(tmp_path / "r.onnx").spec.calibration,
    ]
    assert stored[0] == stored[1]
    run, exported = (
        document("evaluate", name, "--data", data, "--head", "units")["heads"]["units"]
        for name in (folder, tmp_path / "r.onnx")
    )
    assert run["thresholds_from"] == exported["thresholds_from"] == "the model"
    for unit in ("AU06", "AU12"):
        assert run["units"][unit]["threshold"] == exported["units"][unit]["threshold"]
        assert run["units"][unit]["roc_auc"] == pytest.approx(exported["units"][unit]["roc_auc"], abs=0.02)


def test_a_copy_leaves_the_model_and_people_are_told(data: str, model: str, tmp_path: Path) -> None:
    result = mien("calibrate", model, "--data", data, "--head", "units", "--out", tmp_path / "copy.onnx")
    assert result.exit_code == 0, result.output
    for word in ("thresholds of units on Validation", "AU06", "F1 at 0.5", "which flatters them", "copy.onnx"):
        assert word in result.stdout.replace("\n", "")
    assert OnnxModel(Path(model)).spec.calibration == {}
    assert "thresholds" in OnnxModel(tmp_path / "copy.onnx").spec.calibration["units"]
    assert mien("calibrate", model, "--data", data, "--head", "units", "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--head", "units", "--split", "test"), "Test is there to report on"),
        (("--head", "units", "--split", "train"), "may have learnt Training"),
        (("--head", "affect"), "'affect' is valence_arousal"),
        (("--head", "nosuch"), "no head 'nosuch'"),
        (("--head", "units", "--report-split", "test"), "`mien evaluate --head units` scores units on it"),
        (("--head", "units", "--report", "{d}/x"), "choose a folder that can be written"),
    ],
)
def test_what_does_not_go(arguments: tuple[str, ...], told: str, data: str, model: str) -> None:
    result = mien("calibrate", model, "--data", data, *(word.format(d=data) for word in arguments))
    assert isinstance(result.exception, MienError), result.output
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_model_of_units_alone_asks_for_its_head(data: str, tiny_model) -> None:
    result = mien("calibrate", write_model(tiny_model, HEADS[1:], "alone"), "--data", data)
    assert "add --head units to fit its units' thresholds" in str(result.exception)


def test_excluded_rows_are_left_out(data: str, model: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n" + "\n".join(map(str, range(20, 30))) + "\n")
    told = document("calibrate", model, "--data", data, "--head", "units", "--exclude", tmp_path / "f.csv")
    assert told["n"] == 10
