"""`mien calibrate` from the command line, on drawn faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError, MissingExtraError
from mien.evaluate.calibrate import reliability
from mien.labels import SEVEN
from mien.model_spec import Head
from mien.runtime.analyzer import Analyzer
from mien.runtime.session import OnnxModel

TinyModel = Callable[..., Path]


@pytest.fixture
def data(tmp_path: Path) -> str:
    """fer2013.csv, 70 faces a split, whose brightness says the label, three times in four truly."""
    random = np.random.default_rng(0)
    lines = ["emotion,pixels,Usage"]
    for split in ("Training", "PublicTest", "PrivateTest"):
        for i in range(70):
            shown = i % 7 if random.random() < 0.75 else random.integers(7)
            pixels = np.clip(255 * shown / 6 + random.normal(0, 12, 2304), 0, 255).astype(int)
            lines.append(f"{i % 7},{' '.join(map(str, pixels))},{split}")
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def model(tiny_model: TinyModel) -> Path:
    return tiny_model(heads=(Head("emotion", "emotion", SEVEN, "fer2013"),))


def run(*arguments: object):
    return CliRunner().invoke(app, ["calibrate", *map(str, arguments)])


def test_a_model_is_calibrated_in_place_and_the_runtime_uses_it(data: str, model: Path) -> None:
    picture = np.full((48, 48, 3), 100, np.uint8)
    before = Analyzer(model, "none", threads=1)(picture)
    result = run(
        model, "--data", data, "--json", "--report-split", "PrivateTest",
        "--abstain-rate", "0.1", "--min-size", "60", "--coverage", "0.8",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["split"], document["n"], document["method"]) == ("PublicTest", 70, "temperature")
    assert document["file"] == str(model)
    stored = OnnxModel(model).spec.calibration["emotion"]
    assert stored == document["calibration"]
    assert stored["temperature"] > 1
    assert document["after"]["nll"] < document["before"]["nll"]
    assert document["report"]["split"] == "PrivateTest"
    assert document["report"]["after"]["nll"] < document["report"]["before"]["nll"]
    after = Analyzer(model, "none", threads=1)(picture)
    assert after.confidence[0] < before.confidence[0]
    assert before.conformal == ()
    assert len(after.conformal) == 1
    assert (before.abstain, after.abstain) == ([False], [True])  # 48 pixels are less than 60


@pytest.mark.parametrize("plots", [True, False])
def test_a_report_in_words_and_in_files(
    plots: bool, data: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(found: object, path: Path) -> None:
        if not plots:
            raise MissingExtraError("drawing a figure", "plots", "matplotlib")
        path.write_bytes(b"drawn")

    monkeypatch.setattr(reliability, "draw_reliability", draw)
    copy, folder = tmp_path / "copy.onnx", tmp_path / "report"
    result = run(model, "--data", data, "--method", "vector", "--out", copy, "--report", folder)
    assert result.exit_code == 0, result.output
    assert "vector scaling on PublicTest, labels fer2013, n = 70" in result.stdout
    assert "cross-fitted" in result.stdout
    assert ("no reliability.png: drawing a figure needs matplotlib" in result.stderr) != plots
    assert (folder / "reliability.png").exists() == plots
    assert OnnxModel(model).spec.calibration == {}
    assert set(OnnxModel(copy).spec.calibration["emotion"]["bias"]) == set(SEVEN)
    assert json.loads((folder / "calibration.json").read_text())["file"] == str(copy)
    assert run(model, "--data", data, "--quiet").stdout == ""


def test_a_camera_is_adapted_to_and_forgotten(data: str, model: Path, tmp_path: Path) -> None:
    assert run(model, "--data", data, "--quiet").exit_code == 0
    plain = OnnxModel(model).spec
    analyzer = Analyzer(model, "none", threads=1)
    table = tmp_path / "faces.csv"
    shades = [np.full((48, 48, 3), v, np.uint8) for v in [170] * 30 + [0, 42, 85, 128, 212, 255]]
    pd.concat([faces.to_dataframe() for faces in analyzer.analyze_many(shades)]).to_csv(table, index=False)
    result = run(model, "--adapt-to", table)
    assert result.exit_code == 0, result.output
    assert "36 faces of" in result.stdout
    stored = OnnxModel(model).spec.calibration["emotion"]
    assert max(stored["target_prior"], key=stored["target_prior"].get) == SEVEN[4]
    grey = np.full((48, 48, 3), 150, np.uint8)
    assert Analyzer(model, "none", threads=1)(grey).emotion[0, 4] > analyzer(grey).emotion[0, 4]
    document = json.loads(run(model, "--adapt-to", "none", "--json").stdout)
    assert document["target_prior"] is None
    assert OnnxModel(model).spec == plain


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{model}"], "give --data PATH"),
        (["{model}", "--data", "{data}", "--adapt-to", "none"], "give --data PATH"),
        (["{model}", "--data", "{data}", "--split", "PrivateTest"], "calibrate on validation"),
        (["{model}", "--data", "{data}", "--split", "Training"], "may have learnt Training"),
        (["{model}", "--data", "{data}", "--report-split", "Fold1"], "no split 'Fold1'"),
        (["{model}", "--data", "{data}", "--labels", "ferplus"], "--ferplus"),
        (["{model}", "--data", "{data}", "--abstain-rate", "0.1", "--abstain-by", "size"], "--min-size"),
        (["{model}", "--data", "{data}", "--method", "isotonic"], "one of temperature, vector, auto"),
        (["{model}", "--data", "gone.csv"], "gone.csv"),
        (["{model}", "--adapt-to", "gone.csv"], "not calibrated"),
        (["small", "--data", "{data}"], "add --out FILE.onnx"),
        (["gone.onnx", "--data", "{data}"], "gone.onnx"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: list[str], told: str, data: str, model: Path) -> None:
    before = model.read_bytes()
    result = run(*(argument.format(data=data, model=model) for argument in arguments))
    assert isinstance(result.exception, MienError), result.output
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""
    assert model.read_bytes() == before
