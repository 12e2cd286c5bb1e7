from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.datasets.load import load_dataset
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predicted import predicted
from mien.evaluate.probabilities_file import save_probabilities


@pytest.fixture(scope="module")
def faces() -> mien.FaceSet:
    return load_dataset("synthetic:n=60,seed=5")


def test_says_what_evaluate_scores_and_looks_for_no_copies(faces: mien.FaceSet) -> None:
    said = predicted("small", faces, "Test", tta="mirror")
    scored = evaluate("small", faces, "Test", tta="mirror").predictions
    np.testing.assert_array_equal(said.rows, scored.rows)
    np.testing.assert_array_equal(said.probabilities, scored.probabilities)
    np.testing.assert_array_equal(said.averaged, scored.averaged)
    assert said.elsewhere is None
    assert scored.elsewhere is not None
    assert predicted("small", faces, "Test", copies=True).elsewhere is not None


def test_an_ensemble_speaks_with_one_voice(faces: mien.FaceSet, tmp_path: Path) -> None:
    first = predicted("small", faces, "Test")
    save_probabilities(tmp_path / "a.npz", first)
    (tmp_path / "e.toml").write_text('combine = "mean"\nmembers = ["small", "a.npz"]\n')
    told: list[tuple[int, int]] = []
    both = predicted(tmp_path / "e.toml", faces, "Test", progress=lambda done, of: told.append((done, of)))
    np.testing.assert_allclose(both.probabilities, first.probabilities, atol=1e-6)
    assert told[-1] == (len(first), len(first))
