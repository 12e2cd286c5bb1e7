from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.answers import answers_of
from mien.evaluate.evaluation import evaluate
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec

REST = tuple(e for e in EMOTIONS if e != "happiness")
MERGED = Head("emotion", "classes", ("rest", "happiness"), "synthetic", members=(REST, ("happiness",)))


def spec(*heads: Head) -> ModelSpec:
    return ModelSpec(name="m", architecture="small", heads=heads, height=48, width=48)


def test_an_emotion_head_answers_in_its_own_columns() -> None:
    found = answers_of("m", spec(Head("emotion", "emotion", SEVEN, "fer2013")))
    assert found.names == EMOTIONS
    assert found.column.tolist() == [0, 1, 2, 3, 4, 5, 6, -1]
    assert found.present.tolist() == [True] * 7 + [False]


def test_a_merged_class_stands_where_its_first_emotion_does() -> None:
    found = answers_of("m", spec(MERGED))
    assert found.column.tolist() == [0, 0, 0, 3, 0, 0, 0, 0]
    assert (found.names[0], found.names[3]) == ("rest", "happiness")
    told = found.probabilities(np.log(np.float32([[3, 1]])))
    np.testing.assert_allclose(told[0, [0, 3]], [0.75, 0.25], atol=1e-6)
    assert np.isnan(told[0, [1, 2, 4, 5, 6, 7]]).all()


def test_the_head_that_learnt_the_labels_is_judged() -> None:
    two = spec(Head("a", "emotion", EMOTIONS, "ferplus"), Head("b", "emotion", SEVEN, "fer2013"))
    assert answers_of("m", two).head.name == "a"
    assert answers_of("m", two, "fer2013").head.name == "b"
    assert answers_of("m", two, "synthetic").head.name == "a"


def test_a_model_that_says_no_emotions() -> None:
    with pytest.raises(MienError, match=r"no emotion head to evaluate.*init = 'runs/byol'"):
        answers_of("runs/byol", spec())


class Knows:
    """Says what is on the face, at odds of 9 to 1."""

    def __init__(self, happy: np.ndarray) -> None:
        self.spec, self.happy, self.at = spec(MERGED), happy, 0

    def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
        part = self.happy[self.at : self.at + len(crops)]
        self.at += len(crops)
        return np.log(np.where(part[:, None], [0.1, 0.9], [0.9, 0.1])).astype(np.float32)


def test_happiness_against_the_rest_is_scored_by_its_own_names() -> None:
    faces = synthetic(160, seed=1)
    test = faces.in_split("Test")
    truth = test.hard("synthetic") == EMOTIONS.index("happiness")
    scores = evaluate(Knows(truth), faces, "Test")
    assert scores.classes == ["rest", "happiness"]
    assert scores.top1 == 100
    assert scores.confusion == [[int((~truth).sum()), 0], [0, int(truth.sum())]]
