"""Rules that make one model's probabilities of several's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from mien.ensemble.combine import COMBINERS, chosen, combine

RULES = ("mean", "max", "vote")
FITTED = ("weighted", "greedy")


def softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_every_rule_is_looked_at_here() -> None:
    assert set(COMBINERS) == {*RULES, *FITTED}


@pytest.mark.parametrize("rule", RULES)
@given(
    probabilities=arrays(np.float64, (5, 4), elements=st.floats(0.01, 1)).map(lambda a: a / a.sum(1, keepdims=True)),
    models=st.integers(1, 5),
)
def test_identical_members_leave_the_arg_max_unchanged(rule: str, probabilities: np.ndarray, models: int) -> None:
    out = combine(rule, np.stack([probabilities] * models))
    best = probabilities.max(axis=1) - probabilities[np.arange(5), out.argmax(axis=1)]
    assert (best < 1e-12).all()  # of classes that are equal but for rounding either may win
    assert_allclose(out.sum(axis=1), 1)


def test_the_mean_orders_classes_as_the_published_sum_does() -> None:
    members = softmax(np.random.default_rng(0).normal(size=(7, 40, 7)) * 2)
    out = combine("mean", members)
    assert_array_equal(out.argmax(axis=1), members.sum(axis=0).argmax(axis=1))
    assert_allclose(out, members.mean(axis=0))
    assert_allclose(combine("mean", members, [1, 0, 0, 0, 0, 0, 3]), (members[0] + 3 * members[6]) / 4)


@pytest.mark.parametrize("rule", FITTED)
def test_fitted_weights_make_a_weighted_mean(rule: str) -> None:
    members = softmax(np.random.default_rng(2).normal(size=(3, 5, 4)))
    assert_allclose(combine(rule, members, [0, 1, 3]), (members[1] + 3 * members[2]) / 4)


def test_max_is_the_arg_max_over_outputs_side_by_side_modulo_the_classes() -> None:
    """EmotionGAN's rule, on raw logits; probabilities alone decide otherwise for some rows."""
    logits = np.random.default_rng(1).normal(size=(3, 200, 7)) * np.array([1, 2, 4])[:, None, None]
    logits[1, :3] = logits[0, :3]  # equal outputs: the earlier model
    by_logits = chosen(softmax(logits), logits).argmax(axis=1)
    assert_array_equal(by_logits, np.concatenate(logits, axis=1).argmax(axis=1) % 7)
    by_probability = combine("max", softmax(logits))
    assert_array_equal(by_probability.argmax(axis=1), np.concatenate(softmax(logits), axis=1).argmax(axis=1) % 7)
    assert (by_logits != by_probability.argmax(axis=1)).any()


def test_votes_are_counted_and_ties_go_to_the_larger_mean_probability() -> None:
    members = np.array(
        [
            [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.8, 0.1, 0.1]],
            [[0.5, 0.4, 0.1], [0.1, 0.9, 0.0], [0.1, 0.8, 0.1]],
            [[0.0, 1.0, 0.0], [0.1, 0.0, 0.9], [0.05, 0.05, 0.9]],
        ]
    )
    out = combine("vote", members)
    assert_array_equal(out.argmax(axis=1), [0, 1, 2])  # 2 to 1; three votes each for one, the surest
    assert_allclose(out[0], [2 / 3, 1 / 3, 0], atol=2e-6)
    assert combine("vote", members, [1, 1, 3])[0].argmax() == 1


def test_a_tie_survives_single_precision() -> None:
    members = np.array([[[0.52, 0.48]], [[0.47999, 0.52001]]])
    assert combine("vote", members).astype(np.float32).argmax() == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("median", np.ones((1, 1, 1))), "unknown rule"),
        (("mean", np.ones((2, 2))), "shape"),
        (("mean", np.full((1, 2, 2), np.nan)), "NaN"),
        (("mean", np.ones((2, 1, 1)), [1.0]), "1 weights for 2"),
        (("mean", np.ones((2, 1, 1)), [1.0, -1.0]), "0 or more"),
        (("vote", np.ones((2, 1, 1)), [0.0, 0.0]), "not all 0"),
        (("max", np.ones((2, 1, 1)), [1.0, 2.0]), "no weights"),
        (("weighted", np.ones((2, 1, 1))), "weighted needs its fitted weights"),
    ],
)
def test_what_cannot_be_combined_is_refused(arguments: tuple, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        combine(*arguments)
