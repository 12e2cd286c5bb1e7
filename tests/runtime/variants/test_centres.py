from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import SEVEN
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.variants.centres import read_centres
from mien.runtime.variants.neighbourhood import EMOTIONGAN

GAUSSIAN = ExpressionSpace(
    "gaussian", SEVEN, np.zeros((7, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (7, 1, 1))
)
LINEAR = ExpressionSpace("linear", SEVEN, np.zeros((7, 2), np.float32))


def test_the_published_map_by_name_and_changes_of_it() -> None:
    found, published = read_centres(["emotiongan", "Sad=-0.8,-0.5"], GAUSSIAN)
    assert published
    assert found == {**EMOTIONGAN, "sadness": (-0.8, -0.5)}
    assert set(found) == set(SEVEN)
    assert found["anger"] == (0.6, -0.9)
    assert read_centres([], GAUSSIAN) == ({}, False)


@pytest.mark.parametrize(
    ("name", "text"), [("map.toml", "happy = [0.5, 0.25]\n"), ("map.json", '{"happiness": [0.5, 0.25]}')]
)
def test_centres_in_a_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_centres([str(tmp_path / name)], GAUSSIAN) == ({"happiness": (0.5, 0.25)}, False)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("joy=0.5", "joy: expected 2 numbers x,y of -1 to 1"),
        ("joy=0.5,2", "joy: expected 2 numbers"),
        ("joy=0.5,nan", "joy: expected 2 numbers"),
        ("glee=0.5,0", "--centres glee=0.5,0: unknown emotion 'glee'"),
        ("nowhere.toml", "nowhere.toml: No such file"),
    ],
)
def test_words_that_are_no_centres(word: str, message: str) -> None:
    with pytest.raises(MienError, match=message):
        read_centres([word], GAUSSIAN)


@pytest.mark.parametrize("text", ["happy = ", "[]", '{"joy": 3}', ""])
def test_files_that_hold_no_centres(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(text)
    with pytest.raises(MienError, match=r"map\.json"):
        read_centres([str(path)], GAUSSIAN)


def test_the_published_map_is_of_a_gaussian_space_alone() -> None:
    with pytest.raises(MienError, match="this generator's is linear in 2-D"):
        read_centres(["emotiongan"], LINEAR)
