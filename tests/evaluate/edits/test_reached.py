"""A generator that does what it is asked reaches everything, one that does nothing the class frequency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.evaluate.edits.reached import left_alone, reached, share_of
from mien.labels import SEVEN


def test_a_perfect_generator_reaches_all(made) -> None:
    found = reached(made(), SEVEN)
    assert (found["mean"], found["least"], found["from_others"]["mean"]) == (100, 100, 100)
    assert found["mean_ci95"] == [100, 100]
    assert found["judged"] == (70 * np.eye(7, dtype=int)).tolist()
    assert (found["n"], found["faces"], found["from_others"]["n"]) == (490, 70, 420)


def test_one_that_does_nothing_scores_the_class_frequency(made) -> None:
    found = reached(made(skill=0), SEVEN)
    assert found["mean"] == pytest.approx(100 / 7)
    assert found["from_others"]["mean"] == 0
    assert all(row["reached"] == pytest.approx(100 / 7) for row in found["by_emotion"].values())
    assert found["by_source"] == (100 * np.eye(7)).tolist()
    # whatever its faces are: it never gains over 100 / k on the mean, since every face is one emotion and not others
    uneven = reached(made(n=64, skill=0), SEVEN)
    assert uneven["mean"] == pytest.approx(100 / 7)
    assert uneven["by_emotion"]["anger"]["reached"] != pytest.approx(100 / 7, abs=0.1)


def test_one_that_does_half_lies_between_with_an_interval_around(made) -> None:
    found = reached(made(skill=0.5), SEVEN)
    low, high = found["from_others"]["mean_ci95"]
    assert low < 50 < high
    assert found["from_others"]["mean"] == pytest.approx(50, abs=2)
    assert high - low > 10  # faces, not edits, are drawn: all edits of a face succeed or fail together


def test_sources_without_faces_stay_empty(made) -> None:
    m = made()
    found = reached(replace(m, own=np.zeros_like(m.own)), SEVEN)
    assert found["by_source"][1] == [None] * 7
    assert found["by_emotion"]["anger"]["from_others"] == {"n": 0, "reached": None, "ci95": None}
    assert found["from_others"]["mean"] == 100  # over the six that could be asked for


def test_the_judge_on_the_faces_themselves(made) -> None:
    m = made()
    assert left_alone(m)["top1"] == 100
    turned = replace(m, own=np.where(np.arange(70) < 35, m.own, (m.own + 1) % 7))
    assert left_alone(turned)["top1"] == 50


def test_shares() -> None:
    assert share_of(np.array([], bool)) == {"n": 0, "reached": None, "ci95": None}
    one = share_of(np.array([True, False, True, True]), "share")
    assert one["share"] == 75
    assert one["ci95"][0] < 75 < one["ci95"][1]
