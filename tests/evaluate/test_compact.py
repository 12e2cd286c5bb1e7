from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cli.app import app
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.evaluate.compact import PARTS, compact
from mien.evaluate.predictions import Predictions, predict
from mien.evaluate.probabilities_file import load_probabilities, save_probabilities


@pytest.fixture
def predictions(noisy) -> Predictions:
    return noisy("a", 2.0, n=3000)


def test_rows_still_sum_to_one_and_hardly_move(predictions: Predictions) -> None:
    found = compact(predictions)
    has = predictions.emotions
    assert np.isnan(found.probabilities[:, ~has]).all()
    kept = found.probabilities[:, has].astype(np.float64)
    np.testing.assert_array_equal(kept.sum(axis=1), 1)
    assert kept.min() >= 0
    assert np.abs(kept - predictions.probabilities[:, has]).max() < 1 / PARTS
    np.testing.assert_array_equal(kept * PARTS, np.round(kept * PARTS))


def test_views_are_what_is_kept_of_them(faces, bright) -> None:
    said = predict("m", bright(), faces, tta="mirror")
    assert said.averaged is not None
    found = compact(said)
    assert np.nanmax(np.abs(found.probabilities - said.averaged)) < 1 / PARTS
    assert (found.averaged, found.tta, found.logits, found.votes, found.elsewhere) == (None, "", None, None, None)


def test_comes_back_from_a_tenth_of_the_space(predictions: Predictions, tmp_path: Path) -> None:
    save_probabilities(tmp_path / "all.npz", predictions)
    save_probabilities(tmp_path / "few.npz", predictions, small=True)
    assert (tmp_path / "few.npz").stat().st_size < 0.25 * (tmp_path / "all.npz").stat().st_size
    with np.load(tmp_path / "few.npz") as stored:
        assert "targets" not in stored.files


def test_labels_come_from_the_data_alone(faces, bright, tmp_path: Path) -> None:
    said = predict("m", bright(), faces)
    save_probabilities(tmp_path / "few.npz", said, small=True)
    back = load_probabilities(tmp_path / "few.npz", faces)
    assert (back.probabilities.dtype, back.rows.dtype, back.targets.dtype) == (np.float32, np.int64, np.int64)
    np.testing.assert_array_equal(back.targets, said.targets)
    np.testing.assert_array_equal(back.rows, said.rows)
    with pytest.raises(MienError, match=r"holds no labels; add --data"):
        load_probabilities(tmp_path / "few.npz")
    with pytest.raises(MienError, match="another data set"):
        load_probabilities(tmp_path / "few.npz", faces.select(np.arange(50)))


def test_the_command(tmp_path: Path) -> None:
    kept, data = tmp_path / "p.npz", "synthetic:n=40,seed=2"
    command = ["evaluate", "small", "--data", data, "--labels", "synthetic", "--split", "Test"]
    done = CliRunner().invoke(app, [*command, "--save-probabilities", str(kept), "--compact", "--quiet"])
    assert done.exit_code == 0, done.output
    values = load_probabilities(kept, load_dataset(data)).probabilities
    np.testing.assert_array_equal(np.round(values * PARTS), values * PARTS)
    again = CliRunner().invoke(app, ["evaluate", str(kept), "--data", data, "--split", "Test"])
    assert again.exit_code == 0, again.output
