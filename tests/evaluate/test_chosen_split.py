"""Splits by name, by role, and by default."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split


@pytest.mark.parametrize(
    ("asked", "found", "n"),
    [
        (None, "PrivateTest", 15),
        ("test", "PrivateTest", 15),
        ("privatetest", "PrivateTest", 15),
        ("PublicTest", "PublicTest", 15),
        ("validation", "PublicTest", 15),
        ("train", "Training", 30),
        ("all", "all", 60),
    ],
)
def test_fer2013(faces, asked: str | None, found: str, n: int) -> None:
    name, rows = chosen_split(faces, asked)
    assert name == found
    assert rows.sum() == n


def test_a_set_without_splits_is_taken_whole(faces) -> None:
    bare = faces.replace(split=np.full(60, ""))
    assert chosen_split(bare, None)[0] == "all"
    with pytest.raises(MienError, match="no split 'test'; choose --split from none, or all"):
        chosen_split(bare, "test")


def test_unknown_and_ambiguous_names_list_what_there_is(faces) -> None:
    with pytest.raises(MienError, match="choose --split from PrivateTest, PublicTest, Training, or all"):
        chosen_split(faces, "Fold3")
    two = faces.replace(split=np.repeat(["test_a", "test_b"], 30))
    with pytest.raises(MienError, match="several splits"):
        chosen_split(two, None)
    with pytest.raises(MienError, match="no split 'test'"):
        chosen_split(faces.in_split("Training"), None)
