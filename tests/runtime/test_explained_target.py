from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import AFFECT
from mien.model_spec import Head, ModelSpec
from mien.runtime.explained_target import target_of

SPEC = ModelSpec(
    "m", "a",
    (
        Head("emotion", "emotion", ("anger", "happiness", "neutral"), "x"),
        Head("units", "action_units", ("AU06", "AU12"), "x", "sigmoid"),
        Head("affect", "valence_arousal", AFFECT, "x", "tanh"),
    ),
    48, 48,
)  # fmt: skip
LOGITS = np.float32([[0, 2, 1, -1, 0, 0.5, -0.5], [3, 0, 0, 0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("word", "columns", "value"),
    [
        ("happy", [1, 1], np.exp(2) / (1 + np.exp(2) + np.exp(1))),
        ("AU12", [4, 4], 0.5),
        ("12", [4, 4], 0.5),
        ("AU6", [3, 3], 1 / (1 + np.exp(1))),
        ("Valence", [5, 5], np.tanh(0.5)),
        ("emotion", [1, 0], np.exp(2) / (1 + np.exp(2) + np.exp(1))),
    ],
)
def test_words_find_their_column_and_value(word: str, columns: list[int], value: float) -> None:
    target = target_of(SPEC, word)
    found = target.columns(LOGITS)
    assert found.tolist() == columns
    assert target.values(LOGITS, found)[0] == pytest.approx(value, abs=1e-6)


def test_the_likeliest_has_each_faces_own_name() -> None:
    target = target_of(SPEC)
    assert target.names(target.columns(LOGITS)) == ["happiness", "anger"]


def test_probabilities_are_the_calibrated_ones() -> None:
    warm = SPEC.replace(calibration={"emotion": {"temperature": 2.0}})
    target = target_of(warm, "anger")
    expected = np.exp(1.5) / (np.exp(1.5) + 2)
    assert target.values(LOGITS, target.columns(LOGITS))[1] == pytest.approx(expected)


def test_what_a_model_does_not_say_is_told_with_what_it_says() -> None:
    for word in ("contempt", "AU04", "joyful", "dominance"):
        with pytest.raises(MienError, match="model m says emotion, anger, happiness, neutral, AU06, AU12, valence"):
            target_of(SPEC, word)
    with pytest.raises(MienError, match="says valence, arousal"):
        target_of(SPEC.replace(heads=SPEC.heads[2:]))


def test_a_head_can_be_named_where_two_have_the_label() -> None:
    both = SPEC.replace(heads=(*SPEC.heads, Head("strength", "intensity", ("AU12", "AU25"), "x", "none")))
    assert target_of(both, "AU12").head.name == "units"
    strength = target_of(both, "strength: au12")
    assert (strength.head.name, strength.label) == ("strength", "AU12")
    logits = np.float32([[0] * 7 + [3.25, 1]])
    assert strength.columns(logits).tolist() == [7]
    assert strength.values(logits, strength.columns(logits))[0] == pytest.approx(3.25)
    with pytest.raises(MienError, match=r"strength:AU06: model m says AU12, AU25$"):
        target_of(both, "strength:AU06")
    with pytest.raises(MienError, match="no head 'mouth'"):
        target_of(both, "mouth:AU12")
