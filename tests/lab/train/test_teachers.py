from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.classes import classes_of
from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import save_probabilities
from mien.lab.train.recipe import Distil, HeadRecipe
from mien.lab.train.teachers import taught

PLAN = HeadRecipe(labels="synthetic")


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    return load_dataset("synthetic:n=60,seed=5")


def saved(path: Path, faces: FaceSet, rows: np.ndarray, probabilities: np.ndarray, emotions: int = 8) -> str:
    has = np.arange(8) < emotions
    values = np.where(has, probabilities, np.nan).astype(np.float32)
    values /= np.nansum(values, axis=1, keepdims=True)
    target = np.minimum(faces.hard("synthetic")[rows], emotions - 1)
    digest = faces.content or faces.digest()
    save_probabilities(
        path, Predictions("m", "synthetic", faces.name, digest, "Training", "synthetic", has, rows, target, values)
    )
    return str(path)


def test_rows_are_found_again_in_any_order_and_made_ones_have_no_teacher(tmp_path: Path, faces: FaceSet) -> None:
    rng = np.random.default_rng(0)
    all_rows = np.flatnonzero(faces.split == "Training")
    first = rng.dirichlet(np.ones(8), len(all_rows))
    second = rng.dirichlet(np.ones(8), len(all_rows) - 3)
    teachers = (
        saved(tmp_path / "a.npz", faces, all_rows, first),
        saved(tmp_path / "b.npz", faces, all_rows[3:], second),
    )
    order = rng.permutation(all_rows)
    training = faces.select(order)
    made = training.made_from.copy()
    made[5] = 1
    training = training.replace(made_from=made)
    classes = classes_of(faces, "synthetic")
    found, known = taught(Distil(teachers=teachers), PLAN, faces, "Training", training, classes, "cpu")
    place = {row: i for i, row in enumerate(all_rows.tolist())}
    for i, row in enumerate(order.tolist()):
        if i == 5 or place[row] < 3:
            assert known[i] == 0
            np.testing.assert_allclose(found[i], 1 / 8)
        else:
            assert known[i] == 1
            np.testing.assert_allclose(found[i], (first[place[row]] + second[place[row] - 3]) / 2, atol=1e-6)


def test_merged_classes_are_summed(tmp_path: Path, faces: FaceSet) -> None:
    rows = np.flatnonzero(faces.split == "Training")
    said = np.random.default_rng(1).dirichlet(np.ones(8), len(rows))
    teacher = saved(tmp_path / "a.npz", faces, rows, said)
    classes = classes_of(faces, "synthetic", merge={"unhappy": ["anger", "disgust", "fear", "sadness"]})
    found, _ = taught(Distil(teachers=(teacher,)), PLAN, faces, "Training", faces.select(rows), classes, "cpu")
    np.testing.assert_allclose(found[:, classes.names.index("unhappy")], said[:, [0, 1, 2, 4]].sum(1), atol=1e-6)


def test_a_teacher_that_lacks_an_emotion_is_named(tmp_path: Path, faces: FaceSet) -> None:
    rows = np.flatnonzero(faces.split == "Training")
    teacher = saved(tmp_path / "seven.npz", faces, rows, np.ones((len(rows), 8)), emotions=7)
    classes = classes_of(faces, "synthetic")
    with pytest.raises(MienError, match=r"seven\.npz has no contempt"):
        taught(Distil(teachers=(teacher,)), PLAN, faces, "Training", faces.select(rows), classes, "cpu")


def test_nobody_looks_for_a_models_faces_in_other_splits(monkeypatch: pytest.MonkeyPatch, faces: FaceSet) -> None:
    def searched(*_: object) -> None:
        raise AssertionError("minutes for 28,709 faces, and no teacher needs it")

    monkeypatch.setattr("mien.evaluate.predictions.elsewhere", searched)
    training = faces.in_split("Training")
    plan, classes = HeadRecipe(labels="synthetic"), classes_of(faces, "synthetic")
    found, known = taught(Distil(teachers=("small",)), plan, faces, "Training", training, classes, "cpu")
    assert known.all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
