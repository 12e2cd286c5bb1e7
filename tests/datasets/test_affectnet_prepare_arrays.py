"""The pictures of AffectNet's later release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.datasets.affectnet_miniature import later_release

from mien.datasets.affectnet_prepare_arrays import is_later_release, of_folder
from mien.errors import MienError


def test_the_later_release(tmp_path: Path) -> None:
    root = later_release(
        tmp_path,
        [("train_set", 100, "1", "0.5", ""), ("train_set", 9, "6", "-0.7", "0.1"), ("train_set", 11, "", "", "")],
    )
    (root / "train_set" / "images" / "cover.jpg").touch()
    rows = of_folder(root, "train_set")
    assert rows.paths == ["9.jpg", "11.jpg", "100.jpg", "cover.jpg"]  # by number
    assert rows.number.tolist() == [9, -1, 100, -1]
    assert rows.codes.tolist() == [6, -1, 1, -1]
    assert rows.affect[0].tolist() == [-0.7, 0.1]
    assert np.isnan(rows.affect[2, 1])
    assert sorted(rows.broken) == [1, 3]
    assert "11_exp.npy" in rows.broken[1]
    assert rows.box is None
    assert is_later_release(root)
    assert not is_later_release(root / "train_set")
    with pytest.raises(MienError, match="no pictures in val_set/images"):
        of_folder(root, "val_set")
