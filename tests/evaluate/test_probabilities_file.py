"""Saved predictions come back the same, and anything else is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.predictions import Predictions, predict
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities, save_probabilities


@pytest.fixture
def predictions(faces, bright) -> Predictions:
    return predict("m", bright(), faces, tta="mirror")


def test_they_come_back_the_same(predictions: Predictions, tmp_path: Path) -> None:
    save_probabilities(tmp_path / "new" / "p.npz", predictions)
    back = load_probabilities(tmp_path / "new" / "p.npz")
    for key in Predictions.__slots__:
        np.testing.assert_array_equal(getattr(back, key), getattr(predictions, key))


def test_what_may_be_absent_stays_absent(faces, bright, tmp_path: Path) -> None:
    alone = predict("m", bright(), faces.in_split("PrivateTest"))
    save_probabilities(tmp_path / "p.npz", alone)
    back = load_probabilities(tmp_path / "p.npz")
    assert back.averaged is None
    assert back.elsewhere is None


def test_others_can_read_the_file_with_numpy_alone(predictions: Predictions, tmp_path: Path) -> None:
    save_probabilities(tmp_path / "p.npz", predictions)
    with np.load(tmp_path / "p.npz", allow_pickle=False) as stored:
        assert {"rows", "targets", "probabilities", "labels", "model", "data_sha256", "split"} <= set(stored.files)
        assert str(stored["split"]) == "PrivateTest"
        assert stored["emotion_names"][stored["targets"][0]] == "anger"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": np.arange(3)}, "emotions|has shape"),
        ({"targets": np.full(15, 7)}, "targets name emotions"),
        ({"targets": np.full(15, 0.5)}, "targets holds float64"),
        ({"probabilities": np.full((15, 8), 0.5)}, "probabilities are no probabilities"),
        ({"probabilities": np.full((15, 8), np.nan)}, "probabilities are no probabilities"),
        ({"elsewhere": np.zeros(4, np.uint8)}, "elsewhere has shape"),
        ({"emotion_names": np.array(["joy"] * 8)}, "written by another mien"),
        ({"facts": np.array('{"format": 1}')}, "lacks model"),
        ({"facts": np.array('{"format": 99}')}, "written by another mien"),
        ({"facts": np.array("no JSON")}, "not a file of saved probabilities"),
        ({"facts": np.array("[]")}, "not a file of saved probabilities"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(predictions, change, told: str, tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    save_probabilities(path, predictions)
    with np.load(path) as stored:
        arrays = {**{key: stored[key] for key in stored.files}, **change}
    np.savez(path, **arrays)
    with pytest.raises(MienError, match=told):
        load_probabilities(path)


def test_other_files_and_names(predictions, tmp_path: Path) -> None:
    assert is_probabilities_file("a/p.NPZ")
    assert not is_probabilities_file("small")
    with pytest.raises(MienError, match="no such file"):
        load_probabilities(tmp_path / "gone.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(MienError, match=r"text\.npz: not a file of saved"):
        load_probabilities(tmp_path / "text.npz")
    with pytest.raises(MienError, match=r"end in \.npz"):
        save_probabilities(tmp_path / "p.csv", predictions)
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place"):
        save_probabilities(tmp_path / "file" / "p.npz", predictions)


def test_a_file_of_before_says_mirrored(predictions, tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    save_probabilities(path, predictions)
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored.files if key != "averaged"} | {"mirrored": stored["averaged"]}
    facts = {key: value for key, value in json.loads(str(arrays["facts"])).items() if key != "tta"}
    np.savez(path, **(arrays | {"facts": np.array(json.dumps(facts))}))
    back = load_probabilities(path)
    assert back.tta == "mirror"
    np.testing.assert_array_equal(back.averaged, predictions.averaged)
