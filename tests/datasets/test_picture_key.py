from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.picture_key import DIGITS, picture_keys


def test_a_key_is_the_pictures_alone() -> None:
    pixels = np.arange(3 * 16, dtype=np.uint8).reshape(3, 4, 4)
    keys = picture_keys(FaceSet("a", pixels))
    assert len(set(keys.tolist())) == 3
    assert {len(key) for key in keys} == {DIGITS}
    again = FaceSet("b", pixels[::-1].copy(), row=np.array([7, 8, 9]))
    assert picture_keys(again).tolist() == keys[::-1].tolist()


def test_pictures_in_files_keep_their_keys_where_their_folder_moves() -> None:
    here = FaceSet("a", paths=np.array(["/here/set/x/1.png", "/here/set/y/1.png", "/here/set/y/2.png"]))
    there = FaceSet("a", paths=np.array(["/else/set/x/1.png", "C:\\set\\y\\1.png", "/else/y/2.png"]))
    keys = picture_keys(here).tolist()
    assert len(set(keys)) == 3
    assert picture_keys(there).tolist() == keys
