"""CK+48 in folders by emotion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.ck48 import person_and_sequence
from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def save(path: Path, picture: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def test_people_sequences_and_classes(tmp_path: Path, pixels: Pixels) -> None:
    root = tmp_path / "CK+48"
    for frame in (17, 18, 19):
        save(root / "anger" / f"S010_004_000000{frame}.png", pixels[frame - 17])
    save(root / "contempt" / "S138_008_00000007.png", pixels[3])
    save(root / "sadness" / "S010_006_00000013.png", pixels[4])
    faces = load_dataset(root, labels="ckplus")
    assert faces.name == "ckplus"
    assert faces.pixels is not None
    assert (faces.pixels == pixels[[0, 1, 2, 4, 3]]).all()
    assert faces.hard("ckplus").tolist() == [0, 0, 0, 4, 7]
    assert faces.subject.tolist() == ["S010"] * 4 + ["S138"]
    assert faces.group.tolist() == ["S010_004"] * 3 + ["S010_006", "S138_008"]
    assert np.isnan(faces.targets["ckplus"][:, 6]).all()  # no neutral faces here


def test_numbered_folders(tmp_path: Path, pixels: Pixels) -> None:
    for code in range(7):
        save(tmp_path / str(code) / f"S0{code}0_001_00000011.png", pixels[code])
    faces = load_dataset(tmp_path)
    assert faces.hard("ckplus").tolist() == [0, 1, 2, 3, 4, 5, 7]  # its 6 is contempt, FER2013's is neutral


def test_what_is_not_ck48(tmp_path: Path, pixels: Pixels) -> None:
    assert person_and_sequence("S010_004_00000019.png") == ("S010", "S010_004")
    assert person_and_sequence("KA.AN1.39.tiff") is None
    save(tmp_path / "happy" / "S010_004_00000019.png", pixels[0])
    save(tmp_path / "smug" / "S010_004_00000020.png", pixels[0])
    with pytest.raises(MienError, match=r"S010_004_00000020.png: its folder names no emotion \(.*'smug'"):
        load_dataset(tmp_path)
