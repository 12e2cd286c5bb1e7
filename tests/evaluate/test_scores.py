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
