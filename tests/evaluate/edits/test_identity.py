"""Whose face it still is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evaluate.edits.toys import toy_faces

from mien.evaluate.edits.identity import identity
from mien.evaluate.edits.rows import chosen_rows
from mien.labels import SEVEN


@pytest.fixture
def subject():
    return chosen_rows(toy_faces(140), SEVEN, None, None, trained_on="fer2013").faces.subject


def test_a_generator_that_keeps_people(made, subject) -> None:
    found = identity(made(), SEVEN, subject)
    assert found["edits"] == pytest.approx(0, abs=1e-6)
    assert found["people"] == pytest.approx(1, abs=0.1)  # random looks stand at right angles
    assert found["found"]["nearest"] == 100
    assert found["found"]["chance"] == pytest.approx(10, abs=2)
    assert found["n"] == 420


def test_a_generator_that_makes_one_face_of_all(made, subject) -> None:
    found = identity(made(keeps_people=False), SEVEN, subject)
    assert found["people"] == pytest.approx(0, abs=1e-6)  # so its small distance means nothing
    assert found["found"]["nearest"] < 20


def test_one_that_swaps_people_halfway(made, subject) -> None:
    m = made()
    order = np.arange(70)
    features = m.features.copy()
    asked = (np.arange(7) == 0) & (m.own[:, None] != 0)  # anger takes another person's face
    swapped = features[np.roll(order, 20)]
    features[asked] = swapped[asked]
    from dataclasses import replace

    found = identity(replace(m, features=features), SEVEN, subject)
    assert found["by_emotion"]["anger"]["edits"] == pytest.approx(1, abs=0.2)
    assert found["by_emotion"]["fear"]["edits"] == pytest.approx(0, abs=1e-6)
    assert 0 < found["ratio"] < 0.5
    assert found["found"]["nearest"] == pytest.approx(100 * 360 / 420, abs=1)


def test_unknown_people_are_all_others_and_one_person_has_no_scale(made) -> None:
    blank = identity(made(), SEVEN, np.full(70, "", "U1"))
    assert blank["found"]["chance"] == pytest.approx(100 / 70)
    alone = identity(made(), SEVEN, np.full(70, "one"))
    assert alone["people"] is None
    assert alone["found"] is None
