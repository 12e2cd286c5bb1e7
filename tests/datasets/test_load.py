"""Data sets recognised by their content."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets import fer2013, synthetic
from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def csv(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_csv_file_by_any_name(tmp_path: Path, lines: list[str], pixels: Pixels) -> None:
    path = csv(tmp_path / "data.parquet", lines)
    faces = load_dataset(str(path), labels="fer2013")
    assert (faces.pixels == pixels).all()
    assert set(faces.file.tolist()) == {str(path)}
    assert faces.content == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(faces.select(np.array([1, 3])).file) == 2


def test_the_second_time_it_is_neither_read_nor_parsed(
    tmp_path: Path, lines: list[str], pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv(tmp_path / "fer2013.csv", lines)
    then = time.time() - 60
    os.utime(path, (then, then))
    first = load_dataset(path)
    with monkeypatch.context() as patched:
        patched.setattr(fer2013, "read_csv", lambda _: pytest.fail("parsed again"))
        patched.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
        again = load_dataset(path)
    assert again.digest() == first.digest()
    assert again.file.tolist() == first.file.tolist()
    csv(path, [*lines, lines[1]])
    assert len(load_dataset(path)) == 10


def test_the_same_content_elsewhere_has_its_own_place(tmp_path: Path, lines: list[str]) -> None:
    load_dataset(csv(tmp_path / "a.csv", lines))
    assert load_dataset(csv(tmp_path / "b.csv", lines)).file[0] == str(tmp_path / "b.csv")


def test_without_the_cache(tmp_path: Path, lines: list[str], cache_folder: Path) -> None:
    load_dataset(csv(tmp_path / "a.csv", lines), cache=False)
    assert not list(cache_folder.iterdir())


def test_the_name_of_a_part_counts_in_the_cache_too(mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    rows = ["emotion,pixels", *(f"{e},{mini.text(p)}" for e, p in zip(mini.labels, pixels, strict=True))]
    assert load_dataset(csv(tmp_path / "train.csv", rows)).split[0] == "Training"
    assert load_dataset(csv(tmp_path / "val.csv", rows)).split[0] == "Validation"


def test_a_folder_of_parts_and_of_a_whole(mini: Any, tmp_path: Path, lines: list[str], pixels: Pixels) -> None:
    parts = tmp_path / "parts"
    csv(parts / "test.csv", ["pixels", mini.text(pixels[2])])
    csv(parts / "a_val.csv", ["emotion,pixels", f"1,{mini.text(pixels[1])}"])
    csv(parts / "train.csv", ["emotion,pixels", f"3,{mini.text(pixels[0])}"])
    csv(parts / "example_submission.csv", ["emotion", "3"])
    (parts / "empty.csv").write_text("")
    faces = load_dataset(parts)
    assert (faces.pixels == pixels[:3]).all()
    assert faces.hard("fer2013").tolist() == [3, 1, -1]
    assert faces.split.tolist() == ["Training", "Validation", "Test"]
    csv(parts / "icml_face_data.csv", lines)
    assert len(load_dataset(parts)) == 9  # the whole one, not its parts again
    csv(parts / "fer2013.csv", lines)
    with pytest.raises(MienError, match=r"several whole data sets \(fer2013.csv, icml_face_data.csv\)"):
        load_dataset(parts)


def test_labels_that_are_not_there(mini: Any, tmp_path: Path, lines: list[str], pixels: Pixels) -> None:
    path = csv(tmp_path / "fer2013.csv", lines)
    with pytest.raises(MienError, match=r"no ferplus labels .*\(fer2013\): pass --ferplus fer2013new.csv"):
        load_dataset(path, labels="ferplus")
    test = csv(tmp_path / "test.csv", ["pixels", mini.text(pixels[0])])
    with pytest.raises(MienError, match=r"no fer2013 labels among its rows \(none\): it can only be predicted on"):
        load_dataset(test, labels="fer2013")
    (tmp_path / "own" / "contempt").mkdir(parents=True)
    Image.fromarray(pixels[0]).save(tmp_path / "own" / "contempt" / "a.png")
    with pytest.raises(MienError, match=r"no fer2013 labels .*choose --labels from emotion"):
        load_dataset(tmp_path / "own", labels="fer2013")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"", "an empty file"),
        ("a.csv", b"x,y\n1,2\n", r"not a known data set \(line 1: x, y\)"),
        ("a.csv", b"\x00\x01", "binary"),
        ("a.jpg", b"\xff\xd8\xff\xe0 ...", "a JPEG picture, not a data set"),
        ("a.parquet", b"PAR1 and no more", "no readable Parquet"),
    ],
)
def test_files_that_are_no_data_set(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MienError, match=what) as caught:
        load_dataset(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_places_that_are_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no such file or folder"):
        load_dataset(tmp_path / "nothing")
    with pytest.raises(MienError, match="no such file or folder"):
        load_dataset(tmp_path, ferplus=tmp_path / "nothing")
    with pytest.raises(MienError, match="no known data set in this folder"):
        load_dataset(tmp_path)
    with pytest.raises(MienError, match="check the path"):
        load_dataset("a\0b")
    with pytest.raises(MienError, match="check the path"):
        load_dataset("x" * 5000)


def test_synthetic_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def draw(n: int = 2500, seed: int = 0, difficulty: float = 0.5, size: int = 48) -> FaceSet:
        asked.append((n, seed, difficulty, size))
        if n < 1:
            raise ValueError("n: at least 1")
        return FaceSet("synthetic", np.zeros((n, 2, 2), np.uint8))

    monkeypatch.setattr(synthetic, "synthetic", draw)
    assert len(load_dataset("synthetic:n=5, seed=1,difficulty=0.3")) == 5
    assert len(load_dataset("synthetic")) == 2500
    assert asked == [(5, 1, 0.3, 48), (2500, 0, 0.5, 48)]
    for word in ("synthetic:m=5", "synthetic:n", "synthetic:n=5;seed=1,x"):
        with pytest.raises(MienError, match=r"^synthetic:.*: (unknown setting|.*)"):
            load_dataset(word)
    with pytest.raises(MienError, match="synthetic:n=0: n: at least 1"):
        load_dataset("synthetic:n=0")
