"""A face asked for its own emotion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.evaluate.edits.reconstruction import reconstruction


def test_a_face_that_stays_as_it_is(made) -> None:
    found = reconstruction(made())
    assert (found["l1"], found["n"]) == (0, 70)
    assert found["keeps_label"]["share"] == found["keeps_answer"]["share"] == 100
    assert found["psnr"] == pytest.approx(10 * np.log10(255**2 * 144 / 0.25))


def test_grey_levels_and_decibels(made) -> None:
    m = made(keeps_people=False)
    found = reconstruction(m)
    assert found["l1"] > 10
    assert found["l1_ci95"][0] < found["l1"] < found["l1_ci95"][1]
    assert 10 < found["psnr"] < 25


def test_label_and_answer_are_told_apart(made) -> None:
    m = made()
    wrong = (m.own + 1) % 7
    found = reconstruction(replace(m, plain=np.eye(7)[wrong]))  # the judge errs on faces, and not on reconstructions
    assert found["keeps_label"]["share"] == 100
    assert found["keeps_answer"]["share"] == 0
