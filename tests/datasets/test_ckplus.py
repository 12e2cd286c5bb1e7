"""CK+ in its original folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.load import load_dataset, load_indexed
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def sequence(root: Path, name: str, frames: int, emotion: str | None, picture: Pixels) -> None:
    """One sequence S010/004 of so many frames, with its label if it has one."""
    images = root / "cohn-kanade-images" / name
    images.mkdir(parents=True)
    stem = name.replace("/", "_")
    for frame in range(1, frames + 1):
        Image.fromarray(picture).save(images / f"{stem}_{frame:08d}.png")
    labels = root / "Emotion" / name
    labels.mkdir(parents=True)
    if emotion is not None:
        (labels / f"{stem}_{frames:08d}_emotion.txt").write_text(f"   {emotion}\n")


@pytest.fixture
def root(tmp_path: Path, pixels: Pixels) -> Path:
    root = tmp_path / "CK+"
    sequence(root, "S005/001", 6, "3.0000000e+00", pixels[0])
    sequence(root, "S010/004", 4, "1.0000000e+00", pixels[1])
    sequence(root, "S010/005", 5, None, pixels[2])
    (root / "cohn-kanade-images" / ".DS_Store").write_bytes(b"")
    return root


def names(path: str | Path) -> list[str]:
    return [Path(p).name.removesuffix(".png").replace("_000000", ":") for p in load_dataset(path).file]


def test_last_three_frames_and_the_first_as_neutral(root: Path) -> None:
    faces = load_dataset(root, labels="ckplus")
    assert names(root) == [
        "S005_001:01", "S005_001:04", "S005_001:05", "S005_001:06",
        "S010_004:01", "S010_004:02", "S010_004:03", "S010_004:04",
    ]  # fmt: skip
    assert faces.hard("ckplus").tolist() == [6, 1, 1, 1, 6, 0, 0, 0]
    assert np.isfinite(faces.targets["ckplus"]).all()  # all eight emotions
    assert faces.subject.tolist() == ["S005"] * 4 + ["S010"] * 4
    assert faces.group.tolist() == ["S005_001"] * 4 + ["S010_004"] * 4
    assert faces.box is None
    assert faces.paths is not None
    assert Path(faces.paths[0]).is_file()


def test_other_readings(root: Path, tmp_path: Path) -> None:
    assert names(f"{root}:frames=peak") == ["S005_001:01", "S005_001:06", "S010_004:01", "S010_004:04"]
    assert names(f"{root}:frames=peak,neutral=no") == ["S005_001:06", "S010_004:04"]
    faces = load_dataset(f"{root}:neutral=no")
    assert len(faces) == 6
    assert np.isnan(faces.targets["ckplus"][:, 6]).all()
    # an index knows which reading its rows were counted in
    from mien.datasets.index import write_index

    _, index = load_indexed(f"{root}:frames=peak,neutral=no")
    write_index(tmp_path / "index.csv", index.select(np.array([1])))
    assert names(tmp_path / "index.csv") == ["S010_004:04"]


def test_action_units_of_the_peak_and_boxes_of_landmarks(root: Path) -> None:
    units = root / "FACS" / "S005" / "001"
    units.mkdir(parents=True)
    (units / "S005_001_00000006_facs.txt").write_text("   9.0000000e+00   4.0000000e+00\n   1.7e+01   0.0e+00\n\n")
    marks = root / "Landmarks" / "S005" / "001"
    marks.mkdir(parents=True)
    points = "\n".join(f"   {100 + i}   {200 + i}" for i in range(68)) + "\n"
    for frame in (1, 4, 5, 6):
        (marks / f"S005_001_{frame:08d}_landmarks.txt").write_text(points)
    faces = load_dataset(root)
    assert faces.action_units == ("AU09", "AU17")
    assert np.flatnonzero(np.isfinite(faces.targets["action_units"]).all(axis=1)).tolist() == [3]
    assert faces.targets["action_units"][3].tolist() == [1, 1]
    assert faces.box is not None
    assert faces.box[0].tolist() == pytest.approx([100, 200 - 0.25 * 67, 167, 267])
    assert np.isnan(faces.box[4:]).all()
    (marks / "S005_001_00000001_landmarks.txt").write_text("1 2 3\n")
    with pytest.raises(MienError, match=r"S005_001_00000001_landmarks.txt: not 2 numbers a line"):
        load_dataset(root)


def test_folders_that_archives_made_twice(root: Path) -> None:
    (root / "inner").mkdir()
    (root / "Emotion").rename(root / "inner" / "Emotion")
    (root / "inner").rename(root / "Emotion_labels")
    (root / "cohn-kanade-images").rename(root / "extended-cohn-kanade-images")
    assert len(load_dataset(root)) == 8


def test_what_is_missing_or_broken_is_named(root: Path, tmp_path: Path) -> None:
    label = root / "Emotion" / "S010" / "004" / "S010_004_00000004_emotion.txt"
    label.write_text("9\n")
    with pytest.raises(MienError, match=r"S010_004_00000004_emotion.txt: not one number from 0 to 7"):
        load_dataset(root)
    label.write_text("1\n")
    for picture in (root / "cohn-kanade-images" / "S010" / "004").iterdir():
        picture.unlink()
    with pytest.raises(MienError, match=r"S010/004: no pictures of the sequence that .*_emotion.txt is of"):
        load_dataset(root)
    empty = tmp_path / "empty"
    (empty / "cohn-kanade-images").mkdir(parents=True)
    (empty / "Emotion").mkdir()
    with pytest.raises(MienError, match=r"unpack Emotion_labels\.zip"):
        load_dataset(empty)
