"""Models compared on the same rows: differences, tests, agreement, disputes; against plain counting."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score, f1_score

from mien.evaluate.comparison import LISTED, compare, rounded
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS, SEVEN

Model = Callable[..., Predictions]


@pytest.fixture
def model(noisy) -> Model:
    return noisy


def test_a_pair_is_counted_row_by_row(model: Model) -> None:
    a, b = model("a", 2.5, seed=1), model("b", 1.5, seed=2)
    found = compare([a, b])
    said = [np.nan_to_num(one.probabilities).argmax(axis=1) for one in (a, b)]
    right = [one == a.targets for one in said]
    (pair,) = found.pairs
    assert (pair.only_first, pair.only_second) == ((right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum())
    assert pair.top1_difference == pytest.approx(100 * (right[0].mean() - right[1].mean()))
    assert pair.top1_ci95[0] < pair.top1_difference < pair.top1_ci95[1]
    assert pair.agreement == pytest.approx(100 * (said[0] == said[1]).mean())
    assert pair.kappa == pytest.approx(cohen_kappa_score(*said))
    f1 = [100 * f1_score(a.targets, one, average="macro") for one in said]
    assert pair.macro_f1_difference == pytest.approx(f1[0] - f1[1])
    assert found.macro_f1 == pytest.approx(f1)
    assert pair.p == pair.p_holm == pair.p_bh
    assert pair.p == pytest.approx(binomtest(pair.only_first, pair.only_first + pair.only_second).pvalue, abs=0.01)
    for name, (first, second) in pair.by_class.items():
        of_class = a.targets == EMOTIONS.index(name)
        assert (first, second) == ((right[0] & ~right[1] & of_class).sum(), (right[1] & ~right[0] & of_class).sum())
    assert found.all_right == (right[0] & right[1]).sum()
    assert found.all_wrong == (~right[0] & ~right[1]).sum()
    assert found.disputed_n == (said[0] != said[1]).sum()


def test_models_apart_are_told_apart_and_equal_ones_are_not(model: Model) -> None:
    good, same, bad = model("good", 3.0, seed=1), model("same", 3.0, seed=2), model("bad", 0.5, seed=3)
    found = {(pair.first, pair.second): pair for pair in compare([good, same, bad]).pairs}
    assert found["good", "same"].p_holm > 0.05
    assert found["good", "same"].macro_f1_p_holm > 0.05
    low, high = found["good", "same"].top1_ci95
    assert low < 0 < high
    for one in ("good", "same"):
        pair = found[one, "bad"]
        assert pair.p_holm < 0.001
        assert pair.macro_f1_p_holm == pytest.approx(3 * 2 / 2001)
        assert pair.p < pair.p_bh <= pair.p_holm
        assert pair.macro_f1_ci95[0] > 0
        assert pair.test == "chi-square"


def test_who_alone_is_right_and_what_is_disputed_most(model: Model) -> None:
    a = model("a", 2.0, n=4)

    def says(name: str, said: list[int], sure: float = 0.6) -> Predictions:
        probabilities = np.full((4, 8), np.nan, np.float32)
        probabilities[:, :7] = (1 - sure) / 6
        probabilities[np.arange(4), said] = sure
        return replace(a, model=name, probabilities=probabilities, targets=np.array([0, 1, 2, 3]))

    found = compare([says("x", [0, 1, 2, 3]), says("y", [0, 4, 2, 4]), says("z", [0, 5, 4, 4])], resamples=10)
    assert found.all_right == 1
    assert [(one["model"], one["n"]) for one in found.alone_right] == [("x", 2), ("y", 0), ("z", 0)]
    assert found.alone_right[0]["by_class"] == {name: int(name in (SEVEN[1], SEVEN[3])) for name in SEVEN}
    assert found.disputed_n == 3
    first, *others = found.disputed
    assert first == {
        "row": int(a.rows[1]), "true": SEVEN[1], "disagreement": 1.0,
        "answers": {"x": SEVEN[1], "y": SEVEN[4], "z": SEVEN[5]},
    }  # fmt: skip
    assert [one["disagreement"] for one in others] == pytest.approx([2 / 3, 2 / 3])
    assert found.agreement[0] == pytest.approx([100, 50, 25])


def test_seven_models_on_a_whole_test_split_take_less_than_two_seconds(model: Model) -> None:
    seven = [model(f"m{i}", 1.5, seed=i, n=3589) for i in range(7)]
    start = time.process_time()
    found = compare(seven)
    assert time.process_time() - start < 2
    assert len(found.pairs) == 21
    assert len(found.disputed) == LISTED
    assert np.diag(found.agreement) == pytest.approx(100)
    assert np.diag(found.kappa) == pytest.approx(1)
    np.testing.assert_array_equal(found.agreement, np.transpose(found.agreement))


def test_rows_that_one_lacks_are_told(model: Model) -> None:
    a, b = model("a", 2.0), model("b", 2.0, seed=1)
    few = replace(b, rows=b.rows[:90], targets=b.targets[:90], probabilities=b.probabilities[:90])
    found = compare([a, few], resamples=10)
    assert (found.n, found.left_out) == (90, {"a": len(a) - 90, "b": 0})


def test_the_same_seed_gives_the_same_document_and_it_is_json(model: Model) -> None:
    a, b = model("a", 2.0, n=50), model("b", 2.0, seed=1, n=50)
    one, again, other = (compare([a, b], seed=seed, resamples=200).to_dict() for seed in (0, 0, 1))
    assert one == again
    assert one["pairs"][0]["top1_ci95"] != other["pairs"][0]["top1_ci95"]
    assert json.loads(json.dumps(one)) == one


def test_models_that_always_say_one_class_have_no_kappa(model: Model) -> None:
    a = model("a", 2.0, n=20)
    always = np.full((20, 8), np.nan, np.float32)
    always[:, :7] = [0.4, *[0.1] * 6]
    a = replace(a, probabilities=always)
    document = compare([a, a], resamples=10).to_dict()
    assert document["pairs"][0]["kappa"] is None
    assert document["pairs"][0]["p"] == 1
    assert document["models"] == ["a", "a (2)"]


def test_small_numbers_keep_their_digits() -> None:
    assert rounded({"p": 1.23456789e-30, "n": 3, "x": [float("inf"), 12.3456789]}) == {
        "p": 1.23457e-30, "n": 3, "x": [None, 12.3457],
    }  # fmt: skip
