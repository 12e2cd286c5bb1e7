"""Saved probabilities put together, and planted label errors found by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.evaluate.audit.confident_learning import error_summary, join, joined, likely_errors
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import save_probabilities
from mien.labels import SEVEN


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4, 400)


@pytest.fixture
def faces(truth) -> FaceSet:
    """400 rows of four classes, the first 20 with another class's label."""
    labels = truth.copy()
    labels[:20] = (labels[:20] + 1) % 4
    return FaceSet(
        "f", pixels=np.zeros((400, 2, 2), np.uint8), targets={"fer2013": one_hot(labels, SEVEN)}, content="c"
    )


@pytest.fixture
def said(faces, truth):
    """`said(rows)`: probabilities of a net that is fairly right of these rows."""
    random = np.random.default_rng(1)
    probabilities = np.full((400, 8), np.nan, np.float32)
    probabilities[:, :7] = random.dirichlet(np.full(7, 0.3), 400) * 0.3
    probabilities[np.arange(400), truth] += 0.7

    def make(rows) -> Predictions:
        rows = np.asarray(rows)
        return Predictions(
            model="net", trained_on="fer2013", data="f", data_sha256="c", split="out of fold", labels="fer2013",
            emotions=np.arange(8) < 7, rows=rows, targets=faces.hard("fer2013")[rows],
            probabilities=probabilities[rows],
        )  # fmt: skip

    return make


def test_planted_errors_are_found_with_the_right_label_beside_them(faces, said, truth) -> None:
    pytest.importorskip("cleanlab")
    found = likely_errors(said(np.arange(400)))
    rows = [f.row for f in found]
    assert len(set(range(20)) & set(rows)) >= 19
    assert len(rows) <= 24
    assert all(f.twin_label == truth[f.row] for f in found if f.row < 20)
    assert all(f.kind == "suspect_label" and f.twin == -1 and 0.5 < f.score <= 1 for f in found)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    summary = error_summary(said(np.arange(400)), found)
    assert (summary["examined"], summary["found"], summary["top1"]) == (400, len(found), 95.0)
    assert sum(summary["found_by_label"].values()) == len(found)


def test_folds_in_files_are_joined_in_the_order_of_the_data(faces, said, tmp_path: Path) -> None:
    rows = np.random.default_rng(2).permutation(400)
    for k in range(2):
        save_probabilities(tmp_path / f"{k}.npz", said(rows[k::2]))
    whole = joined([tmp_path / "0.npz", tmp_path / "1.npz"], faces, "fer2013")
    assert whole.rows.tolist() == list(range(400))
    assert np.array_equal(whole.probabilities, said(np.arange(400)).probabilities, equal_nan=True)
    assert (whole.targets == faces.hard("fer2013")).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data_sha256": "other"}, "b: holds rows of other data"),
        ({"labels": "ferplus"}, "b: was made for ferplus labels; add --labels ferplus"),
        ({"rows": np.arange(500, 600)}, "b: its rows have other labels"),
        ({"targets": np.zeros(100, np.int64)}, "b: its rows have other labels"),
        ({"emotions": np.arange(8) < 8}, "b: knows other emotions than a"),
        ({"rows": np.arange(99, 199)}, "b: row 99 stands in a too"),
        ({"rows": np.full(100, 150)}, "b: holds a row twice"),
    ],
)
def test_files_that_do_not_belong_together(change, told: str, faces, said) -> None:
    other = replace(said(np.arange(100, 200)), **change)
    if "rows" in change and change["rows"].max() < 400:
        other = replace(other, targets=faces.hard("fer2013")[change["rows"]])
    with pytest.raises(MienError, match=told):
        join([("a", said(np.arange(100))), ("b", other)], faces, "fer2013")


def test_one_class_alone_cannot_be_judged(faces, said) -> None:
    pytest.importorskip("cleanlab")
    with pytest.raises(MienError, match="one class alone"):
        likely_errors(said(np.flatnonzero(faces.hard("fer2013") == 2)))
