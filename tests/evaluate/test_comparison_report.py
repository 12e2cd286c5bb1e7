"""What a person sees of comparisons, ensembles and scores across data sets."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from rich.console import Console

from mien.evaluate.across import across
from mien.evaluate.comparison import compare
from mien.evaluate.comparison_report import print_across, print_ensembles, print_tests
from mien.evaluate.ensembling import ensembles
from mien.evaluate.predictions import Predictions

Noisy = Callable[..., Predictions]


def shown(print_it: Callable[..., None], what: object, width: int = 160) -> str:
    out = io.StringIO()
    print_it(Console(file=out, width=width), what)
    return out.getvalue()


def test_tests_are_named_with_their_correction(noisy: Noisy) -> None:
    a, b, c = (noisy(f"runs/{name}.onnx", signal, i) for i, (name, signal) in enumerate((("a", 3), ("b", 3), ("c", 1))))
    text = shown(print_tests, compare([a, b, c]))
    lines = text.splitlines()
    assert "Paired on 600 rows of fer2013, PrivateTest, labels fer2013" in lines[0]
    assert lines[1].split()[:6] == ["first", "second", "top-1", "95", "%", "alone"]
    assert lines[2].startswith("a      ")
    assert "<0.0001" in lines[3]
    assert "Holm-corrected for 3 pairs" in text
    assert "chi-square with continuity correction" in text
    assert "Most disputed rows" in text
    assert "note:" not in text


def test_one_pair_needs_no_correction_and_left_out_rows_are_told(noisy: Noisy) -> None:
    a, b = noisy("a", 2.0, n=60), noisy("b", 2.0, 1, n=60)
    few = replace(b, rows=b.rows[:40], targets=b.targets[:40], probabilities=b.probabilities[:40])
    text = shown(print_tests, compare([a, few]))
    assert "Holm-corrected" not in text
    assert "exact binomial" in text
    assert "20 rows of a are not among the others'" in text


def test_models_that_agree_have_nothing_disputed(noisy: Noisy) -> None:
    a = noisy("a", 2.0, n=60)
    one = np.full((60, 8), np.nan, np.float32)
    one[:, :7] = [0.4, *[0.1] * 6]
    text = shown(print_tests, compare([replace(a, probabilities=one)] * 2))
    assert "disputed" not in text
    assert "a (2)" in text
    assert text.splitlines()[2].split()[-1] == "100.0"


def test_ensembles_stand_with_gain_and_cost(noisy: Noisy) -> None:
    test, validation = (
        [noisy(f"{name}.onnx", signal, i, 600, split) for i, (name, signal) in enumerate((("a", 2), ("b", 1.5)))]
        for split in ("PrivateTest", "PublicTest")
    )
    rows = ensembles(test, validation, cost=(1.0, 2.0), resamples=100)
    text = shown(print_ensembles, rows)
    for word in ("single", "mean", "max", "vote", "weighted", "greedy", "stacking", "all 2"):
        assert word in text
    assert "gain: points of top-1 over a.onnx" in text
    assert "3.00" in text
    free = shown(print_ensembles, ensembles(test, resamples=10))
    assert "over the mean of the members" in free
    assert "gain/ms: " not in free
    assert shown(print_ensembles, []) != ""


def test_numbers_are_whole_in_a_terminal_of_80_columns(noisy: Noisy) -> None:
    test, validation = (
        [noisy(f"resnet{i}.onnx", signal, i, 600, split) for i, signal in enumerate((2.0, 1.5, 0.0))]
        for split in ("PrivateTest", "PublicTest")
    )
    rows = ensembles(test, validation, cost=(10.0, 20.0, 30.0), resamples=100)
    for text in (shown(print_tests, compare(test), 80), shown(print_ensembles, rows, 80)):
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= 80
    lines = shown(print_ensembles, rows, 80).splitlines()
    assert lines[0].split()[-1] == "gain/ms"
    assert next(line for line in lines if line.startswith("mean")).split()[-2] == "60.00"


def test_data_sets_stand_below_each_other(bright, faces) -> None:
    text = shown(print_across, across(bright(), [faces, replace(faces, name="other")], labels="ferplus"))
    assert [line.split()[0] for line in text.splitlines()[1:3]] == ["fer2013", "other"]
    assert "note: fer2013: 1 row shows an emotion" in text
    narrow = shown(print_across, across(bright(), [faces], labels="ferplus"), 80).splitlines()
    assert "…" not in narrow[0] + narrow[1]
    assert narrow[1].split()[-1] == text.splitlines()[1].split()[-1]
