"""A camera on which everyone looks sad: its prior is found from a table, and the model corrected to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mien.errors import MienError
from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.calibrate.adapt import adapted, read_probabilities, unadapted
from mien.evaluate.calibrate.fitting import fitted
from mien.evaluate.calibrate.measure import emotion_of
from mien.evaluate.calibrate.settings import Settings
from mien.evaluate.probabilities_file import save_probabilities
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import ModelSpec

MakePredictions = Any
SAD = EMOTIONS.index("sadness")


@pytest.fixture
def calibrated(spec: ModelSpec, make_predictions: MakePredictions) -> ModelSpec:
    return fitted(spec, make_predictions(temperature=2.0), Signs(), Settings()).spec


@pytest.fixture
def camera(make_predictions: MakePredictions) -> Any:
    """Predictions of faces of which 70 % are sad."""
    drawn = make_predictions(9000, seed=5, temperature=2.0)
    rows = np.flatnonzero(drawn.targets == SAD)
    others = np.flatnonzero(drawn.targets != SAD)
    rows = np.concatenate([rows[:1050], others[:450]])
    keys = ("rows", "targets", "probabilities", "logits")
    return make_predictions(5, **{key: getattr(drawn, key)[rows] for key in keys})


def write(path: Path, spec: ModelSpec, predictions: Any) -> Path:
    """A table as `mien analyze` writes it, with a row for a picture without a face."""
    frame = pd.DataFrame(emotion_of(spec.heads[0], spec.calibration["emotion"], predictions), columns=list(EMOTIONS))
    frame.insert(0, "success", 1)
    frame = pd.concat([frame, pd.DataFrame({"success": [0]})])
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["faces.csv", "faces.parquet", "faces.npz"])
def test_the_cameras_prior_is_found_and_used(name: str, calibrated: ModelSpec, camera: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    if path.suffix == ".npz":
        save_probabilities(path, camera)
    else:
        write(path, calibrated, camera)
    spec, found = adapted(calibrated, path)
    stored = spec.calibration["emotion"]
    assert found.n == 1500
    assert stored["target_prior"]["sadness"] == pytest.approx(0.7, abs=0.06)
    assert stored["target_prior_from"] == {"table": name, "n": 1500, "iterations": found.iterations}
    right = [
        (np.nanargmax(emotion_of(one.heads[0], one.calibration["emotion"], camera), axis=1) == camera.targets).mean()
        for one in (calibrated, spec)
    ]
    assert right[1] > right[0] + 0.05
    assert unadapted(spec) == calibrated


def test_a_table_of_the_adapted_model_leaves_it_where_it_is(calibrated: ModelSpec, camera: Any, tmp_path: Path) -> None:
    once, _ = adapted(calibrated, write(tmp_path / "a.csv", calibrated, camera))
    twice, _ = adapted(once, write(tmp_path / "b.csv", once, camera))
    for label in SEVEN:
        before, after = (spec.calibration["emotion"]["target_prior"][label] for spec in (once, twice))
        assert after == pytest.approx(before, abs=0.01)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.xlsx", "", r"takes \.csv, \.parquet, \.npz"),
        ("gone.csv", None, "check --adapt-to"),
        ("a.csv", "success,anger\n1,0.5\n", "no column 'disgust'"),
        ("a.csv", "", "not a table"),
        ("a.parquet", "PAR?", "not a table"),
        ("a.csv", ",".join(EMOTIONS) + "\n" + ",".join("1" * 8) + "\n" + ",".join("9" * 8) + "\n", "line 3"),
        ("a.csv", ",".join(EMOTIONS) + "\n" + ",".join("x" * 8) + "\n", "no number"),
        ("a.csv", ",".join(EMOTIONS) + "\n" + "," * 7 + "\n", "no face with probabilities"),
    ],
)
def test_tables_that_do_not_do_are_told(
    name: str, text: str | None, words: str, calibrated: ModelSpec, tmp_path: Path
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(MienError, match=words) as caught:
        adapted(calibrated, path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_model_must_be_calibrated_first(spec: ModelSpec, calibrated: ModelSpec, camera: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", calibrated, camera)
    assert read_probabilities(path).shape == (1501, 8)
    with pytest.raises(MienError, match="not calibrated"):
        adapted(spec, path)
