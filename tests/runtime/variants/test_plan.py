from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.runtime.variants.plan import Plan, augment_plan, expand_plan

KNOWN = np.array([name != "contempt" for name in EMOTIONS])
COUNTS = (40, 4, 41, 72, 48, 32, 50)  # about FER2013's shares


def labels() -> np.ndarray:
    """FER2013's shares, then two faces of contempt and three without a label."""
    label = np.concatenate([np.repeat(np.arange(7), COUNTS), [7, 7, -1, -1, -1]])
    return np.random.default_rng(0).permutation(label)


def pairs(plan: Plan) -> set[tuple[int, int]]:
    return set(zip(plan.source.tolist(), plan.variant.tolist(), strict=True))


def test_every_face_gets_its_variants_of_its_own_emotion() -> None:
    label = labels()
    plan = augment_plan(label, KNOWN, 3)
    assert len(plan) == len(pairs(plan)) == 3 * sum(COUNTS)
    assert np.array_equal(plan.target, label[plan.source])
    assert set(label[plan.source]) == set(range(7))
    assert set(plan.variant.tolist()) == {0, 1, 2}


def test_even_makes_every_known_class_as_large_as_the_largest() -> None:
    label = labels()
    plan = expand_plan(np.arange(len(label)), label, KNOWN, seed=0)
    after = np.bincount(label[label >= 0], minlength=8) + np.bincount(plan.target, minlength=8)
    assert after[:7].tolist() == [72] * 7
    assert after[7] == 2  # contempt, which the generator does not know
    assert (label[plan.source] != plan.target).all()
    assert (label[plan.source] >= 0).all()
    assert len(pairs(plan)) == len(plan)
    for k in range(7):  # none is turned into the same emotion twice
        chosen = plan.source[plan.target == k]
        assert len(set(chosen.tolist())) == len(chosen)


def test_the_studys_sampling_skips_a_target_as_often_as_it_is_frequent() -> None:
    rng = np.random.default_rng(2)
    label = rng.choice(7, 6000, p=np.array(COUNTS) / sum(COUNTS))
    plan = expand_plan(np.arange(6000), label, KNOWN, seed=0, sampling="study")
    share = np.bincount(label, minlength=7) / 6000
    for k in range(7):
        others = int((label != k).sum())
        made = int((plan.target == k).sum())
        assert made / others == pytest.approx(1 - share[k], abs=0.02)
    assert (label[plan.source] != plan.target).all()
    after = np.bincount(label, minlength=7) + np.bincount(plan.target, minlength=7)
    assert after.max() / after.min() < 1.25  # 18 before


def test_a_draw_follows_from_rows_and_seed() -> None:
    label, row = labels(), np.arange(len(labels())) + 100
    for sampling in ("even", "study"):
        plan = expand_plan(row, label, KNOWN, 4, sampling)
        assert plan.digest() == expand_plan(row, label, KNOWN, 4, sampling).digest()
        assert plan.digest() != expand_plan(row, label, KNOWN, 5, sampling).digest()
    # whether a face is turned into an emotion does not hang on the order in which faces are handed in
    back = np.arange(len(label))[::-1]
    turned = expand_plan(row[back], label[back], KNOWN, 4, "study")
    plan = expand_plan(row, label, KNOWN, 4, "study")
    there = set(zip(row[plan.source].tolist(), plan.target.tolist(), strict=True))
    assert set(zip(row[back][turned.source].tolist(), turned.target.tolist(), strict=True)) == there


@pytest.mark.parametrize("number", [0, 1 << 18])
def test_numbers_of_variants_that_cannot_be(number: int) -> None:
    with pytest.raises(MienError, match="--num-augments"):
        augment_plan(labels(), KNOWN, number)


def test_nothing_to_make_is_told() -> None:
    with pytest.raises(MienError, match="no face has a label that the generator knows"):
        augment_plan(np.array([7, -1]), KNOWN, 1)
    with pytest.raises(MienError, match="even already"):
        expand_plan(np.arange(4), np.array([0, 0, 1, 1]), KNOWN, 0)
    with pytest.raises(MienError, match="even already, or have no face"):
        expand_plan(np.arange(2), np.array([7, -1]), KNOWN, 0)
    with pytest.raises(MienError, match="choose even or study"):
        expand_plan(np.arange(4), np.array([0, 0, 0, 1]), KNOWN, 0, "odd")
