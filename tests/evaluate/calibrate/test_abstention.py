from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.calibrate.abstention import RULES, Signs, signs_of, thresholds
from mien.evaluate.calibrate.measure import emotion_of
from mien.model_spec import ModelSpec
from mien.runtime.probabilities import abstains

MakePredictions = Any
SIGNS = Signs(*(np.random.default_rng(seed).random(4000) for seed in (1, 2, 3)))


def declined(spec: ModelSpec, stored: dict[str, Any], emotion: np.ndarray) -> np.ndarray:
    """As the runtime does it."""
    return abstains(
        spec.replace(calibration={"emotion": stored}), emotion,
        disagreement=SIGNS.disagreement, sharpness=SIGNS.sharpness, size=SIGNS.size,
    )  # fmt: skip


@pytest.mark.parametrize("by", [(name,) for name in RULES] + [("confidence", "entropy"), tuple(RULES)])
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_runtime_declines_the_wanted_rate(
    by: tuple[str, ...], rate: float, spec: ModelSpec, make_predictions: MakePredictions
) -> None:
    predictions = make_predictions()
    emotion = emotion_of(spec.heads[0], {}, predictions)
    right = np.nanargmax(emotion, axis=1) == predictions.targets
    stored = thresholds(emotion, right, SIGNS, by, rate=rate)
    assert declined(spec, stored, emotion).mean() == pytest.approx(rate, abs=0.002)
    keys = {key for key in stored if key != "abstain"} | set(stored.get("abstain", {}))
    assert keys == {RULES[name].key for name in by}


def test_the_rest_has_the_wanted_accuracy(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    predictions = make_predictions()
    emotion = emotion_of(spec.heads[0], {}, predictions)
    right = np.nanargmax(emotion, axis=1) == predictions.targets
    stored = thresholds(emotion, right, SIGNS, ("confidence",), accuracy=0.9)
    kept = ~declined(spec, stored, emotion)
    assert 0.9 <= right[kept].mean() < 0.91
    with pytest.raises(MienError, match=r"--abstain-accuracy 0\.99: no threshold of size"):
        thresholds(emotion, right, SIGNS, ("size",), accuracy=0.99)


def test_signs_come_from_model_and_data(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    drawn = synthetic(n=20, seed=0)
    boxes = np.tile(np.float32([5, 5, 35, 45]), (20, 1))
    faces = FaceSet("drawn", pixels=drawn.pixels, targets=drawn.targets, box=boxes)
    branches = np.full((5, 3, 8), 1 / 8, np.float32)
    predictions = make_predictions(5, rows=np.array([0, 3, 4, 8, 19]), branches=branches)
    found = signs_of(predictions, faces, spec, ("confidence", "disagreement", "blur", "size"))
    assert found.size is not None
    assert found.size.tolist() == [30] * 5
    assert found.disagreement == pytest.approx(np.zeros(5), abs=1e-6)
    assert found.sharpness is not None
    assert found.sharpness.shape == (5,)
    assert (found.sharpness > 0).all()
    assert signs_of(predictions, faces, spec, ("confidence",)) == Signs()


@pytest.mark.parametrize(
    ("by", "words"), [("size", "give --min-size PIXELS"), ("disagreement", "has no branches"), ("mood", "one of conf")]
)
def test_signs_that_are_not_there_are_told(
    by: str, words: str, spec: ModelSpec, make_predictions: MakePredictions
) -> None:
    with pytest.raises(MienError, match=words):
        signs_of(make_predictions(5), synthetic(n=5, seed=0), spec, (by,))
