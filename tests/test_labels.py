from __future__ import annotations

import pytest

from mien import labels
from mien.errors import MienError
from mien.labels import CODES, EMOTIONS, FERPLUS_COLUMNS, NOT_A_FACE, SEVEN, UNKNOWN, VOTE_COLUMNS


def test_eight_emotions_stand_in_the_order_that_people_see() -> None:
    assert EMOTIONS == ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt")
    assert EMOTIONS[:7] == SEVEN


def test_every_code_names_something_that_exists() -> None:
    known = {*EMOTIONS, UNKNOWN, NOT_A_FACE, "none"}
    for scheme, codes in CODES.items():
        assert set(codes.values()) <= known, scheme
        assert len(set(codes.values())) == len(codes), scheme


def test_fer2013_codes_are_our_order_and_alphabetical_folders_are_not() -> None:
    assert [labels.from_code("fer2013", i) for i in range(7)] == list(SEVEN)
    folders = [labels.from_code("fer2013_folders", i) for i in range(7)]
    words = {"anger": "angry", "happiness": "happy", "sadness": "sad"}  # as the folders are called
    assert folders == sorted(SEVEN, key=lambda name: words.get(name, name))
    assert folders[4:] != list(SEVEN[4:])


@pytest.mark.parametrize(
    ("scheme", "code", "name"),
    [
        ("affectnet", 0, "neutral"),
        ("affectnet", 7, "contempt"),
        ("affectnet", 10, NOT_A_FACE),
        ("ckplus", 2, "contempt"),
        ("ck48", 6, "contempt"),
        ("rafdb", 1, "surprise"),
        ("rafdb", 7, "neutral"),
    ],
)
def test_codes_of_other_data_sets(scheme: str, code: int, name: str) -> None:
    assert labels.from_code(scheme, code) == name


def test_an_unknown_code_or_scheme_says_what_there_is() -> None:
    with pytest.raises(MienError, match=r"unknown label 7 for fer2013: 0 to 6"):
        labels.from_code("fer2013", 7)
    with pytest.raises(MienError, match=r"unknown label scheme 'fer13': one of .*fer2013"):
        labels.from_code("fer13", 0)


def test_ferplus_columns_hold_the_same_names_in_another_order() -> None:
    assert sorted(FERPLUS_COLUMNS) == sorted(VOTE_COLUMNS)
    assert FERPLUS_COLUMNS != VOTE_COLUMNS
    assert VOTE_COLUMNS[:8] == EMOTIONS


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("Happy", "happiness"), (" sad ", "sadness"), ("ANGRY", "anger"), ("suprise", "surprise"), ("NF", NOT_A_FACE)],
)
def test_spellings_of_emotions(spelling: str, name: str) -> None:
    assert labels.emotion(spelling) == name


@pytest.mark.parametrize("scheme", [*EMOTIONS, UNKNOWN, NOT_A_FACE])
def test_our_own_names_stay_as_they_are(scheme: str) -> None:
    assert labels.emotion(scheme) == scheme


def test_positions_exist_for_emotions_alone() -> None:
    assert labels.emotion_index("Contempt") == 7
    with pytest.raises(MienError, match="'unknown' is not an emotion"):
        labels.emotion_index("unknown")
    with pytest.raises(MienError, match="unknown emotion 'hungry'"):
        labels.emotion_index("hungry")


@pytest.mark.parametrize("spelling", [6, "6", "AU6", "au06", "AU 6", "AU06_r", "'AU06'"])
def test_spellings_of_action_units(spelling: str | int) -> None:
    assert labels.action_unit(spelling) == "AU06"


def test_what_is_no_action_unit_is_refused() -> None:
    assert labels.action_unit(99) == "AU99"  # numbered, if not listed
    with pytest.raises(MienError, match="unknown action unit 'smile': write it as AU06 or 6"):
        labels.action_unit("smile")


def test_listed_action_units_are_spelled_as_they_are_read() -> None:
    assert all(labels.action_unit(name) == name for name in labels.ACTION_UNITS)


def test_emfacs_names_emotions_and_units_that_exist() -> None:
    assert set(labels.EMFACS) == set(EMOTIONS) - {"neutral"}
    for prototypes in labels.EMFACS.values():
        for units in prototypes:
            assert set(units) <= set(labels.ACTION_UNITS)
            assert len(set(units)) == len(units) > 1
    assert labels.EMFACS["happiness"] == (("AU06", "AU12"),)
