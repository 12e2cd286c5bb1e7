from __future__ import annotations

import numpy as np
import pytest

from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.branch_disagreement import disagreement, of_emotions


def certain(*classes: int, k: int = 4) -> np.ndarray:
    """(b, 1, k): each branch sure of its class."""
    return np.eye(k, dtype=np.float32)[list(classes)][:, None]


def test_branches_that_say_the_same_do_not_disagree() -> None:
    for p in (certain(2, 2, 2), np.full((5, 1, 4), 0.25, np.float32)):
        assert disagreement(p) == pytest.approx([0], abs=1e-7)


@pytest.mark.parametrize("classes", [(0, 1), (0, 1, 2, 3), (0, 1, 2, 3, 0, 1, 2, 3)])
def test_branches_that_differ_all_they_can_disagree_wholly(classes: tuple[int, ...]) -> None:
    assert disagreement(certain(*classes)) == pytest.approx([1])


def test_disagreement_is_the_divergence_of_jensen_and_shannon() -> None:
    from scipy.spatial.distance import jensenshannon

    p = np.random.default_rng(0).dirichlet(np.ones(5), (2, 7))
    expected = jensenshannon(p[0], p[1], axis=1) ** 2 / np.log(2)
    assert disagreement(p) == pytest.approx(expected)


def test_one_branch_cannot_disagree() -> None:
    assert disagreement(certain(1)).tolist() == [0]


def test_the_emotion_heads_columns_are_compared() -> None:
    heads = (
        Head("affect", "valence_arousal", ("valence", "arousal"), "x", "tanh"),
        Head("emotion", "emotion", EMOTIONS, "ferplus"),
    )
    spec = ModelSpec("m", "tiny", heads, 48, 48, branches=2)
    logits = np.zeros((3, 2, 10), np.float32)
    logits[0, :, 0] = [-9, 9]  # of valence, not compared
    logits[1, 0, 2] = logits[1, 1, 3] = 50
    logits[2, :, 4] = 50
    assert of_emotions(spec, logits) == pytest.approx([0, 1, 0], abs=1e-6)
    assert of_emotions(spec.replace(heads=heads[:1]), logits[..., :2]) is None
