"""Names of splits and FER2013's counts."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.fer2013_splits import FER2013_COUNTS, FER2013_ROWS, recognise, split_name, split_order


def test_the_counts_add_up() -> None:
    assert dict(FER2013_ROWS) == {"Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("train", "Training"),
        (" Training", "Training"),
        ("PUBLICTEST", "PublicTest"),
        ("privatetest", "PrivateTest"),
        ("val", "Validation"),
        ("test", "Test"),
        ("happy", None),
        ("", None),
    ],
)
def test_spellings(word: str, name: str | None) -> None:
    assert split_name(word) == name


def test_counts_tell_which_split_it_is() -> None:
    labels = {name: np.repeat(np.arange(7), counts) for name, counts in FER2013_COUNTS.items()}
    index = np.concatenate([labels["PrivateTest"], labels["Training"], labels["PublicTest"], [3, -1]])
    # "Test" and "Validation" are swapped, as in some re-packs
    split = np.repeat(["Validation", "Training", "Test", "Mine"], [3589, 28709, 3589, 2])
    found = recognise(split, index)
    assert set(found[:3589]) == {"PrivateTest"}
    assert set(found[3589:-3591]) == {"Training"}
    assert set(found[-3591:-2]) == {"PublicTest"}
    assert set(found[-2:]) == {"Mine"}


def test_other_counts_keep_their_names() -> None:
    assert recognise(np.array(["Test", "Test"]), np.array([7, -1])).tolist() == ["Test", "Test"]


def test_order() -> None:
    names = ["Other", "Test", "PrivateTest", "PublicTest", "Training"]
    assert [split_order(name) for name in names] == [3, 2, 2, 1, 0]
