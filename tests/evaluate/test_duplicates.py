"""Rows whose picture also stands in another split."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.evaluate import duplicates
from mien.evaluate.duplicates import EXACT, NEAR, elsewhere, exact_groups


def test_exact_and_near_twins_in_another_split_are_told_apart(faces) -> None:
    found = elsewhere(faces, faces.split == "PrivateTest")
    assert found is not None
    assert found.tolist() == [EXACT] * 3 + [NEAR] * 2 + [0] * 10


def test_both_sides_of_a_pair_know_of_it(faces) -> None:
    found = elsewhere(faces, np.ones(60, bool))
    assert found is not None
    assert np.flatnonzero(found == EXACT).tolist() == [0, 1, 2, 45, 46, 47]
    assert np.flatnonzero(found == NEAR).tolist() == [3, 4, 48, 49]


def test_twins_within_a_split_do_not_count(faces) -> None:
    pixels = faces.pixels.copy()
    pixels[55] = pixels[56]
    found = elsewhere(faces.replace(pixels=pixels), faces.split == "PrivateTest")
    assert found is not None
    assert found[10:].tolist() == [0] * 5


def test_a_single_split_has_no_answer(faces) -> None:
    alone = faces.in_split("Training")
    assert elsewhere(alone, np.ones(30, bool)) is None


def test_rows_with_the_same_pixels_share_a_group(faces) -> None:
    group = exact_groups(faces)
    assert (group[45:48] == group[0:3]).all()
    assert len(np.unique(group)) == 57


def test_the_answer_is_kept_and_belongs_to_the_data(faces, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = faces.split == "PrivateTest"
    first = elsewhere(faces, rows)
    monkeypatch.setattr(duplicates, "_search", lambda *_: pytest.fail("searched again"))
    assert (elsewhere(faces, rows) == first).all()
    with pytest.raises(pytest.fail.Exception):
        elsewhere(faces, faces.split == "PublicTest")
    with pytest.raises(pytest.fail.Exception):
        elsewhere(faces.replace(pixels=255 - faces.pixels), rows)


def test_a_damaged_answer_is_made_again(faces, cache_folder: Path) -> None:
    rows = faces.split == "PrivateTest"
    first = elsewhere(faces, rows)
    (entry,) = (cache_folder / "duplicates").iterdir()
    entry.write_bytes(b"half")
    assert (elsewhere(faces, rows) == first).all()


def test_pictures_in_files_are_compared_too(faces, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{row}.png") for row in range(60)]
    for path, picture in zip(paths, faces.pixels, strict=True):
        cv2.imwrite(path, picture)
    in_files = faces.replace(pixels=None, paths=np.array(paths))
    found = elsewhere(in_files, faces.split == "PrivateTest")
    assert found is not None
    assert found[:5].tolist() == [EXACT] * 3 + [NEAR] * 2
