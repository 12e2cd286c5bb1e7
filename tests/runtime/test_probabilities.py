from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS, NO_UNIT, SEVEN
from mien.model_spec import Head, ModelSpec
from mien.runtime import probabilities


def spec(**changes: object) -> ModelSpec:
    heads = (
        Head("affect", "valence_arousal", ("valence", "arousal"), "x", activation="tanh"),
        Head("emotion", "emotion", SEVEN[::-1], "fer2013"),
        Head("units", "action_units", ("AU01", "AU12"), "x", activation="sigmoid"),
    )
    return ModelSpec("m", "tiny", heads, 48, 48).replace(**changes)


def logits(n: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (n, 11)).astype(np.float32)


def test_columns_follow_the_heads_own_label_order() -> None:
    raw = logits()
    p = probabilities.emotion_probabilities(spec(), raw)
    assert p.shape == (3, 8)
    assert p.dtype == np.float32
    assert np.isnan(p[:, EMOTIONS.index("contempt")]).all()
    np.testing.assert_allclose(np.nansum(p, axis=1), 1, rtol=1e-6)
    expected = np.exp(raw[:, 2:9]) / np.exp(raw[:, 2:9]).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(p[:, :7], expected[:, ::-1], rtol=1e-5)


def test_temperature_flattens_without_changing_the_order() -> None:
    plain = probabilities.emotion_probabilities(spec(), logits())
    warm = probabilities.emotion_probabilities(spec(calibration={"emotion": {"temperature": 3.0}}), logits())
    assert (np.nanargmax(plain, axis=1) == np.nanargmax(warm, axis=1)).all()
    assert (np.nanmax(warm, axis=1) < np.nanmax(plain, axis=1)).all()


def test_large_logits_stay_finite() -> None:
    p = probabilities.softmax(np.array([[1e4, -1e4, 0.0]]))
    np.testing.assert_array_equal(p, [[1, 0, 0]])


def test_heads_are_named_and_checked() -> None:
    with pytest.raises(MienError, match="not emotions"):
        probabilities.emotion_probabilities(spec(), logits(), head="units")
    bare = spec(heads=(spec().heads[0],))
    assert np.isnan(probabilities.emotion_probabilities(bare, logits()[:, :2])).all()
    assert probabilities.emotion_probabilities(spec(), logits(0)).shape == (0, 8)


def test_units_and_affect() -> None:
    units = probabilities.action_units(spec(), logits())
    assert list(units) == ["AU01", "AU12"]
    np.testing.assert_allclose(units["AU12"], 1 / (1 + np.exp(-logits()[:, 10])), rtol=1e-5)
    valence, arousal = probabilities.valence_arousal(spec(), logits())
    assert valence is not None
    assert arousal is not None
    assert (np.abs(valence) <= 1).all()
    emotions_only = spec(heads=(spec().heads[1],))
    assert probabilities.action_units(emotions_only, logits()) == {}
    assert probabilities.valence_arousal(emotions_only, logits()) == (None, None)


def test_abstains_and_sets_only_where_calibrated() -> None:
    p = probabilities.emotion_probabilities(spec(), logits(50))
    assert not probabilities.abstains(spec(), p).any()
    assert probabilities.conformal_sets(spec(), p) == ()
    calibrated = spec(calibration={"emotion": {"abstain_below": 0.9, "conformal_q": 0.8}})
    np.testing.assert_array_equal(probabilities.abstains(calibrated, p), np.nanmax(p, axis=1) < 0.9)
    sets = probabilities.conformal_sets(calibrated, p)
    assert all(1 <= len(s) <= 5 for s in sets)
    assert all(EMOTIONS[int(np.nanargmax(row))] in s for row, s in zip(p, sets, strict=True))


def test_vector_scaling_goes_by_label() -> None:
    scale = {label: 1.0 + i / 10 for i, label in enumerate(SEVEN)}
    bias = {label: i - 3.0 for i, label in enumerate(SEVEN)}
    stored = {"emotion": {"scale": scale, "bias": bias}}
    raw = logits()
    p = probabilities.emotion_probabilities(spec(calibration=stored), raw)
    by_name = raw[:, 2:9][:, ::-1].astype(float) * list(scale.values()) + list(bias.values())  # the head is turned
    np.testing.assert_allclose(p[:, :7], probabilities.softmax(by_name), rtol=1e-5)
    bent = {"emotion": {"scale": scale, "bias": bias, "temperature": 2.0}}
    halved = raw[:, 2:9][:, ::-1] / 2 * list(scale.values()) + list(bias.values())
    p = probabilities.emotion_probabilities(spec(calibration=bent), raw)
    np.testing.assert_allclose(p[:, :7], probabilities.softmax(halved), rtol=1e-5)


def test_a_target_prior_is_corrected_to() -> None:
    prior, target = (
        {label: w / 28 for label, w in zip(SEVEN, order, strict=True)} for order in (range(1, 8), range(7, 0, -1))
    )
    plain = probabilities.emotion_probabilities(spec(calibration={"emotion": {"prior": prior}}), logits())
    np.testing.assert_array_equal(plain, probabilities.emotion_probabilities(spec(), logits()))
    stored = {"emotion": {"prior": prior, "target_prior": target}}
    p = probabilities.emotion_probabilities(spec(calibration=stored), logits())
    weighed = plain[:, :7] * np.arange(7, 0, -1) / np.arange(1, 8)
    np.testing.assert_allclose(p[:, :7], weighed / weighed.sum(axis=1, keepdims=True), rtol=1e-5)


def test_each_rule_of_abstention_speaks_for_itself() -> None:
    p = probabilities.emotion_probabilities(spec(), logits(6))

    def declined(rules: dict[str, float], **known: np.ndarray) -> list[bool]:
        return list(probabilities.abstains(spec(calibration={"emotion": {"abstain": rules}}), p, **known))

    entropy = probabilities.entropy_of(p)
    middle = float(np.median(entropy))
    assert declined({"entropy_above": middle}) == list(entropy > middle)
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    assert declined({"size_below": 3.0}, size=values) == [True, True, False, False, False, False]
    assert declined({"blur_below": 3.0}, sharpness=values) == [True, True, False, False, False, False]
    assert declined({"disagreement_above": 3.0}, disagreement=values) == [False, False, False, True, True, False]
    assert not any(declined({"size_below": 3.0, "blur_below": 3.0, "disagreement_above": 3.0}))
    both = declined({"size_below": 2.0, "disagreement_above": 4.0}, size=values, disagreement=values)
    assert both == [True, False, False, False, True, False]


def test_entropy_is_a_share_of_its_largest_value() -> None:
    p = np.full((3, 8), np.nan)
    p[0] = 1 / 8
    p[1, :7] = 1 / 7
    assert probabilities.entropy_of(p) == pytest.approx([1, 1, np.nan], nan_ok=True)
    assert probabilities.entropy_of(np.eye(8)) == pytest.approx(np.zeros(8))


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


BOTH = Head("both", "emotion_units", ("AU12", "fear", "AU01", "happiness"), "ferplus", "sigmoid")


def test_the_column_for_no_unit_is_no_unit() -> None:
    head = Head("units", "action_units", ("AU12", NO_UNIT, "AU01"), "x", "sigmoid")
    raw = logits()[:, :3]
    units = probabilities.action_units(spec(heads=(head,)), raw)
    assert list(units) == ["AU01", "AU12"]
    np.testing.assert_allclose(units["AU01"], sigmoid(raw[:, 2]), rtol=1e-5)
    assert probabilities.unit_names(spec(heads=(head,))) == ("AU01", "AU12")


def test_units_of_several_heads_come_from_the_first_that_has_them() -> None:
    heads = (Head("u", "action_units", ("AU12", "AU06"), "x", "sigmoid"), BOTH)
    raw = logits()[:, :6]
    units = probabilities.action_units(spec(heads=heads), raw)
    assert list(units) == ["AU01", "AU06", "AU12"]
    np.testing.assert_allclose(units["AU12"], sigmoid(raw[:, 0]), rtol=1e-5)
    np.testing.assert_allclose(units["AU01"], sigmoid(raw[:, 4]), rtol=1e-5)


def test_emotions_beside_units_answer_where_no_head_has_emotions_alone() -> None:
    raw = logits()[:, :4]
    both = spec(heads=(BOTH,))
    p = probabilities.emotion_probabilities(both, raw)
    odds = sigmoid(raw) / (1 - sigmoid(raw))
    shares = odds[:, [1, 3]] / odds[:, [1, 3]].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(p[:, [EMOTIONS.index("fear"), EMOTIONS.index("happiness")]], shares, rtol=1e-4)
    np.testing.assert_allclose(np.nansum(p, axis=1), 1, rtol=1e-6)
    assert np.isnan(p[:, EMOTIONS.index("anger")]).all()
    assert probabilities.answering(both) == BOTH
    # thresholds of its units are no calibration of its emotions
    kept = both.replace(calibration={"both": {"thresholds": {"AU12": 0.9}}})
    np.testing.assert_array_equal(probabilities.emotion_probabilities(kept, raw), p)
    first = spec(heads=(BOTH, *spec().heads))
    assert probabilities.answering(first) == first.head("emotion")
    named = probabilities.emotion_probabilities(first, np.concatenate([raw, logits()], axis=1), head="both")
    np.testing.assert_allclose(named, p, rtol=1e-6)


def test_emotions_beside_units_are_those_that_evaluation_scores() -> None:
    from mien.evaluate.units.one_head import OneHead

    raw = logits()[:, :4]

    class Said:
        spec = spec(heads=(BOTH,))

        def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
            return raw

    alone = OneHead(Said(), BOTH)  # type: ignore[arg-type]
    scored = probabilities.emotion_probabilities(alone.spec, alone.logits(np.zeros((3, 1, 1, 1), np.uint8)))
    np.testing.assert_array_equal(scored, probabilities.emotion_probabilities(Said.spec, raw))


def test_intensities_stay_on_facs_scale() -> None:
    heads = (spec().heads[1], Head("strong", "intensity", ("AU12", "AU04"), "x", "none"))
    raw = np.concatenate([logits(3)[:, :7], [[-1, 2.5], [7, 0], [4, 5]]], axis=1).astype(np.float32)
    said = probabilities.intensities(spec(heads=heads), raw)
    assert list(said) == ["AU04", "AU12"]
    np.testing.assert_allclose(said["AU12"], [0, 5, 4])
    np.testing.assert_allclose(said["AU04"], [2.5, 0, 5])
    assert probabilities.action_units(spec(heads=heads), raw) == {}
    assert probabilities.intensities(spec(), logits()) == {}


def test_thresholds_decide_which_units_are_shown() -> None:
    said = {"AU01": np.float32([0.3, 0.5, np.nan]), "AU12": np.float32([0.3, 0.5, 0.8])}
    shown = probabilities.units_shown(spec(), said)
    assert [list(v) for v in shown.values()] == [[False, True, False], [False, True, True]]
    fitted = spec(calibration={"units": {"thresholds": {"AU01": 0.2}}})
    shown = probabilities.units_shown(fitted, said)
    assert [list(v) for v in shown.values()] == [[True, True, False], [False, True, True]]
