"""Wishes as they are written, and the faces that they are for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.datasets.combination import named_units, parse_wishes, read_wishes, satisfied
from mien.datasets.face_set import FaceSet
from mien.errors import MienError

NAN = np.nan
FORUM = ["AU06=2000", "AU12=2000, AU06+AU12=2000", "none=500"]


def faces(*codes: tuple[float, ...], units: tuple[str, ...] = ("AU06", "AU12", "AU25")) -> FaceSet:
    held = np.array(codes, np.float32)
    return FaceSet("few", np.zeros((len(held), 2, 2), np.uint8), targets={"action_units": held}, action_units=units)


def told(texts: list[str], *, inclusive: bool = False) -> list[tuple[str, tuple[str, ...], tuple[str, ...], int]]:
    return [(w.name, w.shown, w.absent, w.number) for w in parse_wishes(texts, inclusive=inclusive)]


def test_combinations_exclude_each_other_unless_told_otherwise() -> None:
    assert told(FORUM) == [
        ("AU06", ("AU06",), ("AU12",), 2000),
        ("AU12", ("AU12",), ("AU06",), 2000),
        ("AU06+AU12", ("AU06", "AU12"), (), 2000),
        ("none", (), ("AU06", "AU12"), 500),
    ]
    assert told(["au6*=3", "AU06 - 12=4", "-AU25=1"]) == [
        ("AU06*", ("AU06",), (), 3),
        ("AU06-AU12", ("AU06",), ("AU12",), 4),
        ("-AU25", (), ("AU25",), 1),
    ]
    assert told(["AU06=1", "AU12=1", "none=1"], inclusive=True) == [
        ("AU06*", ("AU06",), (), 1),
        ("AU12*", ("AU12",), (), 1),
        ("none", (), ("AU06", "AU12"), 1),
    ]


def test_the_order_of_units_and_their_spelling_do_not_matter() -> None:
    assert told(["12+AU 6=1"]) == told(["AU06+AU12=1"])
    assert named_units(parse_wishes(["AU25-AU01=2", "AU06*=1"])) == ("AU01", "AU06", "AU25")


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        ([], "no combination of action units"),
        (["none=5"], "none: of which action units"),
        (["AU06"], "AU06: no combination with a number"),
        (["AU06=0"], "with a number of 1 or more"),
        (["AU06=-3"], "with a number of 1 or more"),
        (["AU06=2.5"], "with a number of 1 or more"),
        (["smile=2"], "cannot read 'smile'"),
        (["AU06 AU12=2"], "cannot read 'AU12'"),
        (["AU06+=2"], r"cannot read '\+'"),
        (["*=2"], "no action unit in it"),
        (["AU06-AU06=2"], "AU06 both shown and not"),
        (["AU06+AU12=2", "AU12+AU06=3"], r"AU06\+AU12: the same combination wished for twice"),
        (["AU06=2", "AU06-AU12=3"], "AU06 and AU06-AU12: the same combination"),
    ],
)
def test_what_cannot_be_wished_for(texts: list[str], what: str) -> None:
    with pytest.raises(MienError, match=what):
        parse_wishes(texts)


def test_a_unit_that_is_not_known_is_neither_shown_nor_not() -> None:
    few = faces((1, 0, 1), (0, 1, 0), (1, 1, 0), (0, 0, 1), (1, NAN, 0), (NAN, 0, 0), (0, NAN, NAN))
    found = satisfied(few, parse_wishes(FORUM))
    assert found.argmax(axis=1)[:4].tolist() == [0, 1, 2, 3]
    assert found.sum(axis=1).tolist() == [1, 1, 1, 1, 0, 0, 0]
    found = satisfied(few, parse_wishes(["AU06*=1", "-AU12=1"]))
    assert np.flatnonzero(found[:, 0]).tolist() == [0, 2, 4]
    assert np.flatnonzero(found[:, 1]).tolist() == [0, 3, 5]


def test_strengths_of_drawn_faces_are_cut() -> None:
    found = satisfied(faces((0.1, 0.3, 0), (0.2, 0, 0)), parse_wishes(FORUM))
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_units_that_the_set_does_not_code() -> None:
    with pytest.raises(MienError, match="few: does not code AU01, AU99; it has AU06, AU12, AU25"):
        satisfied(faces((0, 0, 0)), parse_wishes(["AU06+AU99-AU01=1"]))
    with pytest.raises(MienError, match="it has no units"):
        satisfied(faces((0, 0, 0)).replace(targets={}), parse_wishes(["AU06=1"]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.toml", '"AU06+AU12" = 20\nnone = 5\n'),
        ("w.toml", '[wants]\n"AU06+AU12" = 20\nnone = 5\n'),
        ("w.json", '{"AU06+AU12": 20, "none": 5}'),
    ],
)
def test_wishes_from_a_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert read_wishes(tmp_path / name) == ["AU06+AU12=20", "none=5"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("w.toml", "AU06+AU12 = 20", "not readable as TOML"),
        ("w.json", "[", "not readable as JSON"),
        ("w.json", "[1]", "no combinations in it"),
        ("w.toml", "", "no combinations in it"),
        ("w.toml", "AU06 = true", "AU06: True is no number of faces"),
        ("w.toml", 'AU06 = "5"', "AU06: '5' is no number of faces"),
        ("w.toml", '"AU06,AU12" = 5', "one combination a line"),
    ],
)
def test_files_that_cannot_be_read(name: str, text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(MienError, match=f"{name}: .*{what}"):
        read_wishes(tmp_path / name)
    with pytest.raises(MienError, match="check --wants"):
        read_wishes(tmp_path / "nowhere.toml")
