"""JAFFE, by its names and by published tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.jaffe import told_by_name
from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]
NAMES = ("KA.AN1.39.tiff", "KA.HA2.30.tiff", "YM.NE1.49.tiff", "uy.su3.145.TIF")


def make(root: Path, pixels: Pixels, names: Sequence[str] = NAMES) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, picture in zip(names, pixels, strict=False):
        Image.fromarray(picture).resize((256, 256)).save(root / name)
    (root / "README_FIRST.txt").write_text("one\n")
    return root


def test_subjects_and_emotions_of_the_names(tmp_path: Path, pixels: Pixels) -> None:
    faces = load_dataset(make(tmp_path / "jaffedbase", pixels), labels="jaffe")
    assert faces.name == "jaffe"
    assert faces.paths is not None  # 256 x 256 are read when needed
    assert [Path(p).name for p in faces.file] == [
        "KA.AN1.39.tiff",
        "KA.HA2.30.tiff",
        "uy.su3.145.TIF",
        "YM.NE1.49.tiff",
    ]
    assert faces.subject.tolist() == ["KA", "KA", "UY", "YM"]
    assert faces.hard("jaffe").tolist() == [0, 3, 5, 6]
    assert np.isnan(faces.targets["jaffe"][:, 7]).all()  # no contempt
    assert Path(faces.paths[0]).is_file()


def test_repacks(tmp_path: Path, pixels: Pixels) -> None:
    assert told_by_name(Path("KM.FE3.13.jpg")) == ("KM", "fear")
    assert told_by_name(Path("TM-DI1-187.png")) == ("TM", "disgust")
    assert told_by_name(Path("KM_SA.12.png")) == ("KM", "sadness")
    for name in ("XX.AN1.39.tiff", "KA.XX1.39.tiff", "KA.png", "S010_004_00000019.png"):
        assert told_by_name(Path(name)) is None
    (tmp_path / "ANGER").mkdir()
    Image.fromarray(pixels[0]).save(tmp_path / "ANGER" / "KA.AN1.39.jpg")
    faces = load_dataset(tmp_path)
    assert (faces.name, faces.subject.tolist()) == ("jaffe", ["KA"])
    assert faces.pixels is not None


def test_published_tables_name_splits(tmp_path: Path, pixels: Pixels) -> None:
    root = make(tmp_path, pixels)
    (root / "train.csv").write_text("filepath,emotions\nsaved/data/jaffe/KA.AN1.39.tiff,0\nx\\YM.NE1.49.tiff,6\n")
    (root / "test.csv").write_text("filepath,emotions\nelsewhere/KA.HA2.30.tiff,3\n")
    faces = load_dataset(root)
    told = dict(zip([Path(p).name for p in faces.file], faces.split.tolist(), strict=True))
    assert told == {
        "uy.su3.145.TIF": "", "KA.AN1.39.tiff": "Training", "YM.NE1.49.tiff": "Training", "KA.HA2.30.tiff": "Test",
    }  # fmt: skip
    (root / "test.csv").write_text("filepath,emotions\nKA.HA2.30.tiff,4\n")
    with pytest.raises(MienError, match=r"test.csv: row 0 \(line 2\): sadness for KA.HA2.30.tiff, whose name says hap"):
        load_dataset(root)
    (root / "test.csv").write_text("filepath,emotions\nKA.HA9.30.tiff,3\n")
    with pytest.raises(MienError, match=r"row 0 \(line 2\): no pictures 'KA.HA9.30.tiff' in"):
        load_dataset(root)
    with pytest.raises(MienError, match="JAFFE's rows without pictures"):
        load_dataset(root / "train.csv")


def test_names_that_say_nothing_or_come_twice(tmp_path: Path, pixels: Pixels) -> None:
    root = make(tmp_path, pixels)
    (root / "zz").mkdir()
    Image.fromarray(pixels[0]).save(root / "zz" / "me.png")
    with pytest.raises(MienError, match=r"me.png: not a name of JAFFE's"):
        load_dataset(root)
    (root / "zz" / "me.png").rename(root / "zz" / "KA.AN1.39.png")
    with pytest.raises(MienError, match=r"KA.AN1.39.(png|tiff): the same picture as .*KA.AN1.39"):
        load_dataset(root)
