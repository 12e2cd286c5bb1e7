"""Splits that differ are told from splits that do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from mien.evaluate.audit.drift import drift


def test_equal_splits_do_not_drift() -> None:
    labels = np.tile(np.arange(7), 60)
    light = np.tile(np.linspace(0, 1, 210), 2)
    found = drift(labels, light, light, np.repeat(["a", "b"], 210))
    assert found is not None
    assert found["classes"]["chi_squared"] == 0
    assert found["classes"]["cramers_v"] == 0
    assert found["brightness"]["pairs"] == [{"splits": ["a", "b"], "ks": 0.0, "p": 1.0}]


def test_splits_without_a_class_in_common_differ_wholly() -> None:
    split = np.repeat(["a", "b"], 50)
    labels = np.repeat([2, 5], 50)
    light = np.repeat([0.2, 0.8], 50)
    found = drift(labels, light, light, split)
    assert found is not None
    assert found["classes"]["cramers_v"] == 1
    assert found["classes"]["pairs"] == [{"splits": ["a", "b"], "jensen_shannon": 1.0}]
    assert found["classes"]["shares"] == {"a": {"fear": 100.0, "surprise": 0.0}, "b": {"fear": 0.0, "surprise": 100.0}}
    assert found["contrast"]["pairs"][0]["ks"] == 1
    assert found["contrast"]["splits"]["b"] == {"mean": 0.8, "sd": 0.0}


def test_the_divergence_is_scipys() -> None:
    random = np.random.default_rng(0)
    labels, split = random.integers(0, 5, 900), random.choice(["a", "b", "c"], 900)
    labels[split == "c"] = np.minimum(labels[split == "c"], 2)
    light = random.random(900)
    found = drift(labels, light, light, split)
    assert found is not None
    shares = {name: np.bincount(labels[split == name], minlength=5) / (split == name).sum() for name in "abc"}
    for pair in found["classes"]["pairs"]:
        a, b = (shares[name] for name in pair["splits"])
        assert pair["jensen_shannon"] == pytest.approx(jensenshannon(a, b, 2) ** 2, abs=1e-6)
    assert [pair["splits"] for pair in found["classes"]["pairs"]] == [["a", "b"], ["a", "c"], ["b", "c"]]


def test_one_split_or_no_labels() -> None:
    light = np.linspace(0, 1, 10)
    assert drift(np.zeros(10, np.int64), light, light, np.full(10, "a")) is None
    found = drift(np.full(10, -1), light, light, np.repeat(["a", "b"], 5))
    assert found is not None
    assert found["classes"] == {"shares": {}}
    assert found["brightness"]["pairs"][0]["ks"] == 1
