"""AffectNet's later release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.datasets.load import load_dataset
from mien.errors import MienError


def make(root: Path) -> Path:
    for split, number, exp, val, aro in (
        ("train_set", 0, "1", "0.5", "-0.25"),
        ("train_set", 7, "6", "-2", "-2"),
        ("val_set", 3, "7", "0.0", "1.0"),
    ):
        (root / split / "images").mkdir(parents=True, exist_ok=True)
        (root / split / "annotations").mkdir(exist_ok=True)
        (root / split / "images" / f"{number}.jpg").write_bytes(b"nobody opens this")
        for what, text in (("exp", exp), ("val", val), ("aro", aro)):
            np.save(root / split / "annotations" / f"{number}_{what}.npy", np.array(text))
    np.save(root / "val_set" / "annotations" / "3_aro.npy", np.float32(0.75))  # numbers too, not text alone
    return root


def test_annotations_beside_pictures(tmp_path: Path) -> None:
    faces = load_dataset(make(tmp_path), labels="affectnet")
    assert faces.split.tolist() == ["Training", "Training", "Validation"]
    assert faces.hard("affectnet").tolist() == [3, 0, 7]
    assert faces.targets["valence"][[0, 2]].tolist() == [0.5, 0]
    assert np.isnan(faces.targets["valence"][1])
    assert faces.targets["arousal"][[0, 2]].tolist() == [-0.25, 0.75]
    (tmp_path / "val_set" / "annotations" / "3_aro.npy").unlink()
    assert np.isnan(load_dataset(tmp_path).targets["arousal"][2])


def test_an_edited_annotation_is_read_again(tmp_path: Path) -> None:
    load_dataset(make(tmp_path))
    np.save(tmp_path / "train_set" / "annotations" / "0_exp.npy", np.array("2"))
    assert load_dataset(tmp_path).hard("affectnet")[0] == 4


def test_missing_and_broken_annotations(tmp_path: Path) -> None:
    path = make(tmp_path) / "train_set" / "annotations" / "7_exp.npy"
    np.save(path, np.array("11"))
    with pytest.raises(MienError, match=r"row 1: train_set/images/7.jpg: emotion 11, expected a number from 0 to 10"):
        load_dataset(tmp_path)
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(MienError, match=r"row 1: train_set/annotations/7_exp.npy and the like: pickled objects"):
        load_dataset(tmp_path)
    path.write_bytes(b"\x93NUMPY")
    with pytest.raises(MienError, match=r"not an \.npy file"):
        load_dataset(tmp_path)
    path.unlink()
    with pytest.raises(MienError, match=r"row 1: train_set/annotations/7_exp.npy"):
        load_dataset(tmp_path)
