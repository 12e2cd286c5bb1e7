from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.calibrate.measure import emotion_of, measured
from mien.labels import EMOTIONS
from mien.model_spec import ModelSpec
from mien.score.calibration import expected_calibration_error

MakePredictions = Any


def test_raw_logits_give_the_models_own_probabilities(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    predictions = make_predictions(50)
    emotion = emotion_of(spec.heads[0], {}, predictions)
    np.testing.assert_allclose(emotion, predictions.probabilities, rtol=1e-5)
    assert np.isnan(emotion[:, EMOTIONS.index("contempt")]).all()


def test_scores_are_those_of_an_evaluation(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    from mien.evaluate.scores import score

    predictions = make_predictions(300, temperature=2.0)
    found = measured(spec.heads[0], {}, predictions, emotion_of(spec.heads[0], {}, predictions), Signs())
    expected = score(predictions)
    for key in ("n", "top1", "ece", "nll", "brier"):
        assert found[key] == pytest.approx(getattr(expected, key), rel=1e-5)
    assert "conformal" not in found
    assert "abstention" not in found


def test_sets_and_abstention_as_the_runtime_has_them(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    predictions = make_predictions(2000)
    head = spec.heads[0]
    stored = {"conformal_q": 0.8, "conformal_coverage": 0.9, "abstain_below": 0.5, "abstain": {"size_below": 3.0}}
    emotion = emotion_of(head, stored, predictions)
    sizes = np.arange(2000) % 10
    found = measured(head, stored, predictions, emotion, Signs(size=sizes))
    p, y = emotion[:, :7].astype(np.float32), predictions.targets
    own = p[np.arange(2000), y]
    inside = (own >= 0.2) | (own == p.max(axis=1))
    assert found["conformal"]["coverage"] == pytest.approx(100 * inside.mean())
    assert found["conformal"]["asked"] == 90
    assert set(found["conformal"]["by_class"]) == set(EMOTIONS) - {"contempt"}
    kept = (p.max(axis=1) >= 0.5) & (sizes >= 3)
    assert found["abstention"]["rate"] == pytest.approx(100 * (1 - kept.mean()))
    assert found["abstention"]["top1"] == pytest.approx(100 * (p.argmax(axis=1) == y)[kept].mean())
    assert found["ece"] == pytest.approx(expected_calibration_error(y, p))
    none = measured(head, {"abstain_below": 1.1}, predictions, emotion, Signs())
    assert none["abstention"] == {"rate": 100.0, "top1": None}
