"""Scores by hand on drawn faces, and INTERFACE's keys."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mien.evaluate.predictions import predict
from mien.evaluate.scores import score
from mien.labels import SEVEN

KEYS = [
    "model", "data", "data_sha256", "split", "labels", "n", "top1", "top1_ci95", "top2", "macro_f1",
    "balanced_accuracy", "ece", "nll", "per_class", "confusion", "deduplicated", "tta", "versions",
]  # fmt: skip


def test_by_hand(faces, bright) -> None:
    scores = score(predict("bright", bright(), faces, "PrivateTest"))
    assert (scores.model, scores.n, scores.labels) == ("bright", 15, "fer2013")
    assert scores["top1"] == pytest.approx(100 * 13 / 15)  # rows 50 and 51 are said wrong
    low, high = scores.top1_ci95
    assert low < scores.top1 < high <= 100
    # the other labels tie at second place: the lower one wins
    assert scores.nll == pytest.approx(np.log(np.exp(4) + 6) - 4 * 13 / 15, abs=1e-5)
    assert np.sum(scores.confusion) == 15
    assert list(scores.per_class) == list(SEVEN)
    assert scores.deduplicated is not None
    assert scores.deduplicated["n"] == 10
    assert scores.deduplicated["top1"] == pytest.approx(80)
    assert (scores.deduplicated["exact"], scores.deduplicated["near"]) == (3, 2)
    assert scores.tta is None


def test_the_json_has_interfaces_keys_first_and_no_nan(faces, bright, eight) -> None:
    document = score(predict("m", bright(eight, "ferplus"), faces)).to_dict()
    assert list(document)[: len(KEYS)] == KEYS
    json.dumps(document, allow_nan=False)
    assert document["per_class"]["contempt"]["n"] == 1
    one_class = faces.select(np.flatnonzero((faces.hard("fer2013") == 0) & (faces.split == "PrivateTest")))
    document = score(predict("m", bright(), one_class)).to_dict()
    assert document["per_class"]["fear"] == {"precision": None, "recall": None, "f1": None, "n": 0}
    assert set(document["versions"]) == {"mien", "python", "numpy", "onnxruntime"}


def test_it_reads_like_a_dict(faces, bright) -> None:
    scores = score(predict("m", bright(), faces))
    assert dict(scores)["n"] == 15
    with pytest.raises(KeyError):
        scores["predictions"]
    with pytest.raises(KeyError):
        scores["to_dict"]


def test_more_by_hand(faces, bright) -> None:
    found = predict("bright", bright(), faces, "PrivateTest")
    scores = score(found)
    n, wrong = 15, 2
    confusion = np.array(scores.confusion)
    chance = (confusion.sum(0) * confusion.sum(1)).sum() / n**2
    assert scores.kappa == pytest.approx(((n - wrong) / n - chance) / (1 - chance))
    assert scores.kappa_ci95[0] < scores.kappa < scores.kappa_ci95[1] <= 1
    assert scores.top2 <= scores.top3 <= 100
    areas = [each["roc_auc"] for each in scores.ranking["per_class"].values()]
    assert scores.ranking["macro_roc_auc"] == pytest.approx(np.mean(areas))
    assert min(areas) < 1 == max(areas)


def test_votes_are_a_soft_target(faces, bright) -> None:
    votes = faces.votes.copy()
    votes[45] = 0
    votes[45, :2] = 5
    scores = score(predict("bright", bright(), faces.replace(votes=votes), "PrivateTest"))
    sure = np.exp(4) / (np.exp(4) + 6)
    other = (1 - sure) / 6
    assert scores.soft is not None
    assert scores.soft["n"] == 13  # row 52 is voted contempt, which these labels do not have, row 53 no face
    # row 45 is said to be its label, of whose votes half went elsewhere; rows 50 and 51 are said wrong
    expected = (-10 * np.log(sure) - 2 * np.log(other) - (np.log(sure) + np.log(other)) / 2) / 13
    assert scores.soft["cross_entropy"] == pytest.approx(expected, abs=1e-6)
    assert scores.soft["entropy"] == pytest.approx(np.log(2) / 13)
    assert score(predict("bright", bright(), faces.replace(votes=None), "PrivateTest")).soft is None
