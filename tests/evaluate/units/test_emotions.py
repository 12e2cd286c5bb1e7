from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from mien.evaluate.units.emotions import score_emotions
from mien.labels import SEVEN
from mien.model_spec import Head


def test_a_head_of_emotions_is_scored_beside_others(faces, knowing) -> None:
    found, refused = score_emotions(knowing, "m", faces, "Test", knowing.spec.heads[:1], {})
    assert refused == {}
    said, true = knowing.table[180:, :7].argmax(axis=1), np.arange(180, 240) % 7
    assert found["emotion"].model == found["emotion"].predictions.model == "m"
    assert found["emotion"].top1 == pytest.approx(100 * accuracy_score(true, said))
    assert found["emotion"].macro_f1 == pytest.approx(100 * f1_score(true, said, average="macro"))


def test_the_emotions_of_a_head_with_units_and_one_that_is_refused(faces, knowing) -> None:
    both = Head("both", "emotion_units", ("AU06", *SEVEN), "fer2013", "sigmoid")
    other = Head("other", "emotion", SEVEN, "nosuch")
    model = knowing.with_(heads=(both, other))
    found, refused = score_emotions(model, "m", faces, "Test", model.spec.heads, {"labels": None})
    said, true = knowing.table[180:, 1:8].argmax(axis=1), np.arange(180, 240) % 7
    assert found["both emotions"].top1 == pytest.approx(100 * accuracy_score(true, said))
    assert list(found) == ["both emotions"]
    assert "no nosuch labels" in refused["other"]
