"""The folders that FER+'s own script writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def make(root: Path, pixels: Pixels) -> Path:
    for folder, rows in (("FER2013Test", (7, 8)), ("FER2013Train", (0, 1, 2)), ("FER2013Valid", (5,))):
        (root / folder).mkdir(parents=True)
        lines = [f'fer{i:07d}.png,"(0, 0, 48, 48)",{10 - i},{i},0,0,0,0,0,0,0,0' for i in rows]
        (root / folder / "label.csv").write_text("\n".join(lines) + "\n")
        for i in rows:
            Image.fromarray(pixels[i]).save(root / folder / f"fer{i:07d}.png")
    return root


def test_pictures_beside_their_votes(tmp_path: Path, pixels: Pixels) -> None:
    faces = load_dataset(make(tmp_path, pixels), labels="ferplus")
    assert faces.name == "fer2013"
    assert (faces.pixels == pixels[[0, 1, 2, 5, 7, 8]]).all()
    assert faces.split.tolist() == ["Training"] * 3 + ["PublicTest"] + ["PrivateTest"] * 2
    assert faces.hard("ferplus").tolist() == [6, 6, 6, -1, 3, 3]
    assert faces.file[0] == str(tmp_path / "FER2013Train" / "fer0000000.png")


def test_votes_without_pictures(tmp_path: Path, pixels: Pixels) -> None:
    root = make(tmp_path, pixels)
    (root / "FER2013Train" / "fer0000001.png").unlink()
    with pytest.raises(MienError, match=r"label.csv: row 1 \(line 2\): no picture fer0000001.png beside it: "):
        load_dataset(root)
    with pytest.raises(MienError, match="FER\\+'s votes without pictures"):
        load_dataset(root / "FER2013Train" / "label.csv")
