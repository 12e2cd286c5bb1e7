"""RAF-DB as handed out, and as re-packed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def save(path: Path, picture: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.repeat(picture[..., None], 3, axis=2)).resize((100, 100)).save(path)


def original(root: Path, pixels: Pixels) -> Path:
    lines = []
    for number, code in enumerate(range(1, 8), 1):
        split = "train" if code < 6 else "test"
        lines.append(f"{split}_{number:05d}.jpg {code}")
        save(root / "basic" / "Image" / "aligned" / f"{split}_{number:05d}_aligned.jpg", pixels[number])
    table = root / "basic" / "EmoLabel" / "list_patition_label.txt"
    table.parent.mkdir()
    table.write_text("\n".join(lines) + "\n")
    return table


def test_as_handed_out(tmp_path: Path, pixels: Pixels) -> None:
    original(tmp_path, pixels)
    faces = load_dataset(tmp_path, labels="rafdb")
    assert faces.name == "rafdb"
    assert faces.pixels is not None
    assert faces.pixels.shape[:3] == (7, 100, 100)
    assert faces.hard("rafdb").tolist() == [5, 2, 1, 3, 4, 0, 6]  # 1..7: surprise, fear, disgust, happiness, ...
    assert faces.split.tolist() == ["Training"] * 5 + ["Test"] * 2
    assert load_dataset(tmp_path / "basic").hard("rafdb").tolist() == faces.hard("rafdb").tolist()


def test_broken_lists(tmp_path: Path, pixels: Pixels) -> None:
    table = original(tmp_path, pixels)
    whole = table.read_text()
    table.write_text(whole + "train_00099.jpg 3\n")
    with pytest.raises(MienError, match=r"row 7 \(line 8\): no picture train_00099_aligned.jpg in"):
        load_dataset(tmp_path)
    table.write_text(whole.replace(" 2", " 8"))
    with pytest.raises(MienError, match=r"row 1 \(line 2\): 'train_00002.jpg 8' is no picture and number"):
        load_dataset(tmp_path)


def repacked(root: Path, pixels: Pixels) -> Path:
    for split in ("train", "test"):
        rows = []
        for code in range(1, 8):
            name = f"{split}_{code:05d}_aligned.jpg"
            save(root / "DATASET" / split / str(code) / name, pixels[code])
            rows.append(f"{name},{code}")
        (root / f"{split}_labels.csv").write_text("\n".join(["image,label", *rows]) + "\n")
    return root


def test_repacked(tmp_path: Path, pixels: Pixels) -> None:
    root = repacked(tmp_path, pixels)
    for place in (root, root / "DATASET"):
        faces = load_dataset(place)
        assert faces.name == "rafdb"
        assert faces.hard("rafdb").tolist() == [5, 2, 1, 3, 4, 0, 6] * 2
        assert faces.split.tolist() == ["Training"] * 7 + ["Test"] * 7
    table = root / "test_labels.csv"
    table.write_text(table.read_text().replace("test_00002_aligned.jpg,2", "test_00002_aligned.jpg,5"))
    with pytest.raises(
        MienError, match=r"test_labels.csv: row 1 \(line 3\): test_00002_aligned.jpg is 5, but stands in"
    ):
        load_dataset(root)
    table.write_text("image,label\nother.jpg,3\n")
    with pytest.raises(MienError, match=r"row 0 \(line 2\): no picture other.jpg in the folders beside it"):
        load_dataset(root)


def test_numbered_folders_alone_are_not_taken_for_it(tmp_path: Path, pixels: Pixels) -> None:
    for code in range(1, 8):
        save(tmp_path / "train" / str(code) / "a.jpg", pixels[code])
    with pytest.raises(MienError, match=r"names no emotion|no known data set"):
        load_dataset(tmp_path)
