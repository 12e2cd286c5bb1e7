"""Rows in a model's size, from memory and from files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.pixels import crops, originals


def test_batches_hold_all_rows_in_order(faces) -> None:
    parts = list(crops(faces, 48, 48, "grey", batch=25))
    assert [len(part) for part in parts] == [25, 25, 10]
    assert (np.concatenate(parts)[..., 0] == faces.pixels).all()


def test_files_are_read_and_brought_to_size_and_colour(faces, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{row}.png") for row in range(3)]
    for path, picture in zip(paths, faces.pixels, strict=False):
        cv2.imwrite(path, picture)
    in_files = FaceSet("set", paths=np.array(paths))
    (rgb,) = crops(in_files, 24, 24, "rgb")
    assert rgb.shape == (3, 24, 24, 3)
    (grey,) = crops(in_files, 48, 48, "grey")
    assert (grey[..., 0] == faces.pixels[:3]).all()
    assert [picture.shape for picture in originals(in_files)] == [(48, 48, 3)] * 3


def test_of_a_picture_with_a_box_the_box_is_cut(tmp_path: Path) -> None:
    picture = np.zeros((100, 100), np.uint8)
    picture[20:60, 30:70] = 255
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    box = np.array([[30, 20, 70, 60], [np.nan] * 4], np.float32)
    paths = np.array([str(tmp_path / "a.png")] * 2)
    (grey,) = crops(FaceSet("set", paths=paths, box=box), 20, 20, "grey")
    assert grey[0].min() == 255
    assert grey[1].min() == 0


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    gone = FaceSet("set", paths=np.array([str(tmp_path / "gone.png")]))
    with pytest.raises(MienError, match=r"gone\.png"):
        list(crops(gone, 48, 48, "grey"))
