from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.units.people import drawn_by, on_two_sides, several


def test_auto_draws_people_where_somebody_has_several_rows(faces) -> None:
    words, whose = drawn_by(faces)
    assert words == "people"
    assert len(np.unique(whose)) == 24
    assert drawn_by(faces, "faces") == ("faces", None)
    alone = faces.replace(subject=np.arange(240).astype(str))
    assert drawn_by(alone) == ("faces", None)
    assert several(drawn_by(alone, "subject"), np.ones(240, bool))[0] == "240 people"


def test_rows_of_nobody_known_stand_for_themselves(faces) -> None:
    known = faces.subject.copy()
    known[:5] = ""
    drawn = drawn_by(faces.replace(subject=known))
    words, whose = several(drawn, np.ones(240, bool))
    assert words == "24 people and 5 rows of nobody known"
    assert len(np.unique(whose)) == 29
    assert several(drawn, np.arange(240) >= 4)[0] == "24 people and 1 row of nobody known"


def test_groups_are_another_column(faces) -> None:
    assert drawn_by(faces.replace(group=np.repeat(["a", "b", "c"], 80)), "group")[0] == "groups"


def test_too_few_are_told(faces) -> None:
    nobody = faces.replace(subject=np.full(240, ""))
    assert drawn_by(nobody) == ("faces", None)
    with pytest.raises(MienError, match="--groups subject: the set names 0; draw faces"):
        drawn_by(nobody, "subject")
    with pytest.raises(MienError, match="--groups videos: expected auto, faces, subject, group"):
        drawn_by(faces, "videos")


def test_of_the_rows_that_are_left_there_must_be_two_people(faces) -> None:
    drawn = drawn_by(faces)
    words, whose = several(drawn, np.arange(240) < 20)
    assert (words, len(whose)) == ("2 people", 20)
    assert several(drawn, np.arange(240) < 10) == ("faces", None)


def test_people_on_two_sides_are_counted(faces) -> None:
    inside = faces.split == "Test"
    assert on_two_sides(faces, inside) == (0, 6)
    subject = faces.subject.copy()
    subject[180:200] = "p3"  # who stands in Training
    subject[200:205] = ""
    subject[0] = ""
    assert on_two_sides(faces.replace(subject=subject), inside) == (1, 5)
    assert on_two_sides(faces.replace(subject=subject, split=np.full(240, "")), np.ones(240, bool)) == (0, 22)
