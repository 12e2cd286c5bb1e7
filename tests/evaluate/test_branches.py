from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.evaluate.answers import answers_of
from mien.evaluate.branches import branch_disagreement, branch_probabilities, branch_report, said_by
from mien.evaluate.evaluation import evaluate
from mien.evaluate.probabilities_file import load_probabilities, save_probabilities
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec

SPEC = ModelSpec("voters", "esr9", (Head("emotion", "emotion", SEVEN, "fer2013"),), 8, 8, branches=3)


@dataclass
class Voters:
    """Three branches that read the class from the brightness; the third is wrong about faces of class 0."""

    spec: ModelSpec = SPEC

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        return self.said(crops, batch)[0]

    def said(self, crops: NDArray[np.uint8], batch: int = 256) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        seen = crops.mean(axis=(1, 2, 3)).round().astype(np.int64)
        each = np.stack([seen, seen, np.where(seen == 0, 1, seen)], axis=1)
        said = 5 * np.eye(7, dtype=np.float32)[each]
        return said.mean(axis=1), said


def faces() -> FaceSet:
    labels = np.arange(14) % 7
    pixels = np.broadcast_to(labels[:, None, None], (14, 8, 8)).astype(np.uint8)
    split = np.where(np.arange(14) < 7, "Training", "PrivateTest")
    return FaceSet("flat", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=split)


def test_an_evaluation_tells_of_branches_and_keeps_them(tmp_path: Path) -> None:
    scores = evaluate(Voters(), faces(), "PrivateTest")
    told = scores.to_dict()["branches"]
    assert told["n"] == 3
    assert told["top1"] == pytest.approx([100, 100, 600 / 7], abs=1e-3)
    assert (told["vote_top1"], told["mean_top1"]) == (100, 100)
    assert told["disagreement_right"] > 0
    assert told["disagreement_wrong"] is None
    save_probabilities(tmp_path / "p.npz", scores.predictions)
    assert evaluate(tmp_path / "p.npz")["branches"] == scores["branches"]
    with np.load(tmp_path / "p.npz") as stored:
        apart = stored["branch_disagreement"]
    assert apart.shape == (7,)
    assert np.flatnonzero(apart > 1e-6).tolist() == [0]


def test_a_model_without_branches_has_no_such_scores(tmp_path: Path) -> None:
    plain = Voters(SPEC.replace(branches=0))
    scores = evaluate(plain, faces(), "PrivateTest")
    assert scores.to_dict()["branches"] is None
    assert said_by(plain, np.zeros((2, 8, 8, 1), np.uint8), 1)[1] is None
    save_probabilities(tmp_path / "p.npz", scores.predictions)
    assert load_probabilities(tmp_path / "p.npz").branches is None
    with np.load(tmp_path / "p.npz") as stored:
        assert "branch_disagreement" not in stored.files


def test_probabilities_stand_in_the_emotions_columns() -> None:
    said = np.random.default_rng(0).normal(size=(4, 3, 7)).astype(np.float32)
    found = branch_probabilities(answers_of("m", SPEC), said)
    assert found.shape == (4, 3, 8)
    assert np.isnan(found[..., EMOTIONS.index("contempt")]).all()
    assert np.nansum(found, axis=2) == pytest.approx(np.ones((4, 3)))
    assert (np.nan_to_num(found)[..., :7].argmax(axis=2) == said.argmax(axis=2)).all()
    assert branch_disagreement(found).shape == (4,)


def test_wrong_answers_are_told_apart() -> None:
    p = np.full((2, 2, 8), 0.0, np.float32)
    p[0, :, 0] = 1  # both branches agree
    p[1, 0, 0] = p[1, 1, 1] = 1  # both differ
    found = branch_report(p, np.array([0, 1]), np.array([0, 1]), np.array([True, False]))
    assert found is not None
    assert found["disagreement_right"] == pytest.approx(0)
    assert found["disagreement_wrong"] == pytest.approx(1)
    assert found["top1"] == [50, 100]
