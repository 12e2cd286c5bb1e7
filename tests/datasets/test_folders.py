"""Pictures in folders by class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets import folders
from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def save(path: Path, picture: Pixels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def test_splits_and_classes(tmp_path: Path, pixels: Pixels) -> None:
    root = tmp_path / "archive"
    save(root / "test" / "sad" / "1.png", pixels[0])
    save(root / "train" / "Surprise" / "b.bmp", pixels[1])
    save(root / "train" / "Surprise" / "a.png", pixels[2])
    save(root / "train" / "neutral" / "z.tif", pixels[3])
    save(root / "validation" / "Happy" / "x.pgm", pixels[4])
    (root / "train" / "neutral" / "Thumbs.db").write_bytes(b"x")
    (root / "train" / "neutral" / ".DS_Store").write_bytes(b"x")
    (root / "train" / "neutral" / "._z.png").write_bytes(b"x")
    (root / "train" / "neutral" / "notes.txt").write_bytes(b"x")
    (root / "__MACOSX" / "train").mkdir(parents=True)
    faces = load_dataset(root)
    assert faces.name == "fer2013"
    # surprise is 5 and neutral 6, although neutral comes first in the alphabet
    assert faces.hard("fer2013").tolist() == [5, 5, 6, 3, 4]
    assert faces.split.tolist() == ["Training"] * 3 + ["Validation", "Test"]
    assert faces.pixels is not None
    assert faces.pixels.shape == (5, 48, 48)
    assert (faces.pixels[[0, 1, 2, 4]] == pixels[[2, 1, 3, 0]]).all()
    assert faces.file[0] == str(root / "train" / "Surprise" / "a.png")


def test_file_names_tell_fer2013s_splits(tmp_path: Path, pixels: Pixels) -> None:
    save(tmp_path / "test" / "fear" / "PublicTest_5.png", pixels[0])
    save(tmp_path / "test" / "fear" / "PrivateTest_4.png", pixels[1])
    save(tmp_path / "train" / "angry" / "Training_9.png", pixels[2])
    assert load_dataset(tmp_path).split.tolist() == ["Training", "PublicTest", "PrivateTest"]


def test_classes_without_splits(tmp_path: Path, pixels: Pixels) -> None:
    save(tmp_path / "happiness" / "a.png", pixels[0])
    save(tmp_path / "not_a_face" / "a.png", pixels[1])
    save(tmp_path / "contempt" / "deep" / "a.png", pixels[2])
    faces = load_dataset(tmp_path)
    assert faces.name == tmp_path.name
    assert faces.hard("emotion").tolist() == [-1, 3, 7]
    assert set(faces.split.tolist()) == {""}


def test_large_or_differing_pictures_are_left_as_paths(tmp_path: Path, pixels: Pixels) -> None:
    for name, shapes in (("large", [(300, 200)] * 2), ("differing", [(48, 48), (48, 50)])):
        for i, shape in enumerate(shapes):
            save(tmp_path / name / "fear" / f"{i}.png", np.zeros(shape, np.uint8))
        for _ in range(2):  # read, then from the cache
            faces = load_dataset(tmp_path / name)
            assert faces.pixels is None
            assert faces.paths is not None
            assert faces.paths.tolist() == [str(tmp_path / name / "fear" / f"{i}.png") for i in (0, 1)]


def test_too_many_small_ones_are_left_as_paths(tmp_path: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "fear" / "a.png", pixels[0])
    monkeypatch.setattr(folders, "MOST_BYTES", 10)
    assert load_dataset(tmp_path).paths is not None


def test_colour_stays_colour(tmp_path: Path, pixels: Pixels) -> None:
    save(tmp_path / "fear" / "a.png", np.stack(list(pixels[:3]), axis=-1))
    save(tmp_path / "fear" / "b.png", pixels[0])
    faces = load_dataset(tmp_path)
    assert faces.pixels is not None
    assert faces.pixels.shape == (2, 48, 48, 3)


def test_a_moved_folder_is_known_and_a_changed_one_read(tmp_path: Path, pixels: Pixels) -> None:
    for i in range(3):
        save(tmp_path / "one" / "set" / "fear" / f"{i}.png", pixels[i])
    first = load_dataset(tmp_path / "one" / "set")
    (tmp_path / "one").rename(tmp_path / "two")
    moved = load_dataset(tmp_path / "two" / "set")
    assert moved.content == first.content
    assert moved.file[0] == str(tmp_path / "two" / "set" / "fear" / "0.png")
    save(tmp_path / "two" / "set" / "fear" / "1.png", pixels[5])
    changed = load_dataset(tmp_path / "two" / "set")
    assert changed.content != first.content
    assert changed.pixels is not None
    assert (changed.pixels[1] == pixels[5]).all()


def test_an_unreadable_picture_is_named(tmp_path: Path, pixels: Pixels) -> None:
    save(tmp_path / "fear" / "a.png", pixels[0])
    bad = tmp_path / "fear" / "b.jpg"
    bad.write_text("no picture")
    cut = save(tmp_path / "fear" / "c.png", pixels[1])
    cut.write_bytes(cut.read_bytes()[:500])
    with pytest.raises(MienError) as caught:
        load_dataset(tmp_path)
    expected = f"{bad}: text, not a picture; 1 more unreadable: remove or replace such pictures"
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["3", "smug"])
def test_a_folder_that_names_no_emotion(tmp_path: Path, pixels: Pixels, name: str) -> None:
    save(tmp_path / "train" / "fear" / "a.png", pixels[0])
    save(tmp_path / "train" / name / "a.png", pixels[0])
    with pytest.raises(MienError, match=f"'{name}' names no emotion"):
        load_dataset(tmp_path)


def test_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "train" / "fear").mkdir(parents=True)
    with pytest.raises(MienError, match="no pictures in its class folders"):
        load_dataset(tmp_path)
