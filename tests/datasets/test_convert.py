"""Data sets in another form: read again, they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.convert import convert
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.labels import EMOTIONS, VOTE_COLUMNS

N = 30


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (N, 48, 48), dtype=np.uint8)


@pytest.fixture
def index() -> NDArray[np.int64]:
    return np.arange(N) % 7


SPLIT = np.array(["Training", "PublicTest", "PrivateTest"])[np.arange(N) // 10]


def face_set(
    pictures: NDArray[np.uint8],
    index: NDArray[np.int64],
    split: NDArray[np.str_] = SPLIT,
    votes: NDArray[np.int16] | None = None,
) -> FaceSet:
    return FaceSet("mine", pictures, targets={"mine": one_hot(index, EMOTIONS)}, split=split, votes=votes)


def order(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows sorted by their first pixels: folders have an order of their own."""
    return np.lexsort(pixels.reshape(len(pixels), -1)[:, :8].T)


@pytest.mark.parametrize("name", ["faces.csv", "faces.parquet", "faces"])
def test_what_is_written_is_read_again(
    pictures: NDArray[np.uint8], index: NDArray[np.int64], tmp_path: Path, name: str
) -> None:
    pytest.importorskip("pyarrow")
    convert(tmp_path / name, face_set(pictures, index), "mine", pictures)
    read = load_dataset(tmp_path / name)
    assert read.pixels is not None
    assert read.name == "fer2013"
    mine, theirs = order(pictures), order(read.pixels)
    np.testing.assert_array_equal(read.pixels[theirs], pictures[mine])
    np.testing.assert_array_equal(read.hard("fer2013")[theirs], index[mine])
    np.testing.assert_array_equal(read.split[theirs], SPLIT[mine])
    if name != "faces":
        np.testing.assert_array_equal(read.pixels, pictures)  # in their order
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["faces.csv", "faces.parquet", "faces"])
def test_without_splits(pictures: NDArray[np.uint8], index: NDArray[np.int64], tmp_path: Path, name: str) -> None:
    pytest.importorskip("pyarrow")
    convert(tmp_path / name, face_set(pictures, index, np.full(N, "")), "mine", pictures)
    read = load_dataset(tmp_path / name)
    assert len(read) == N
    assert len(np.unique(read.split)) == 1


def test_parquet_keeps_votes_and_contempt(pictures: NDArray[np.uint8], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    votes = np.random.default_rng(1).integers(0, 5, (N, len(VOTE_COLUMNS))).astype(np.int16)
    index = np.arange(N) % len(EMOTIONS)
    convert(tmp_path / "x.parquet", face_set(pictures, index, votes=votes), "mine", pictures)
    read = load_dataset(tmp_path / "x.parquet")
    np.testing.assert_array_equal(read.votes, votes)
    np.testing.assert_array_equal(read.hard("emotion"), index)


def test_folders_keep_sizes_and_colours(tmp_path: Path) -> None:
    pictures = [np.full((h, 20, 3), 40 * h, np.uint8) for h in (4, 5, 6)]
    faces = face_set(np.zeros((3, 9, 9), np.uint8), np.array([0, 1, 7]), np.full(3, "Training"))
    convert(tmp_path / "x", faces, "mine", pictures)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png"))
    assert found == ["x/Training/anger/0.png", "x/Training/contempt/2.png", "x/Training/disgust/1.png"]
    assert len(load_dataset(tmp_path / "x")) == 3


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("x.json", {}, ["x.json", ".csv or .parquet"]),
        ("x.csv", {"index": 7}, ["row 3 shows contempt", "--drop contempt"]),
        ("x.csv", {"index": -1}, ["1 rows without a label", "row 3", "--drop unlabelled"]),
        ("x.csv", {"split": ""}, ["row 3 has no split"]),
        ("x.csv", {"split": "fold3"}, ["'fold3'", "mien data split"]),
    ],
)
def test_what_a_form_does_not_hold(
    pictures: NDArray[np.uint8],
    index: NDArray[np.int64],
    tmp_path: Path,
    name: str,
    change: dict[str, object],
    words: list[str],
) -> None:
    split = SPLIT.copy()
    index[3] = change.get("index", index[3])
    split[3] = change.get("split", split[3])
    with pytest.raises(MienError) as caught:
        convert(tmp_path / name, face_set(pictures, index, split), "mine", pictures)
    assert all(word in str(caught.value) for word in words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "words"), [("x.csv", "row 1 is 20 x 9 grey"), ("x.parquet", "row 1 is 20 x 9 grey")])
def test_a_picture_of_another_size(tmp_path: Path, name: str, words: str) -> None:
    pytest.importorskip("pyarrow")
    pictures = [np.zeros((48, 48), np.uint8), np.zeros((9, 20), np.uint8)]
    faces = face_set(np.zeros((2, 9, 9), np.uint8), np.zeros(2, np.int64), np.full(2, ""))
    with pytest.raises(MienError, match=words):
        convert(tmp_path / name, faces, "mine", pictures)
    assert not list(tmp_path.iterdir())


def test_nothing_is_lost_by_a_second_try(pictures: NDArray[np.uint8], index: NDArray[np.int64], tmp_path: Path) -> None:
    out, folder = tmp_path / "x.csv", tmp_path / "x"
    faces = face_set(pictures, index)
    convert(out, faces, "mine", pictures)
    convert(folder, faces, "mine", pictures)
    before = out.read_bytes()

    def broken() -> Iterator[NDArray[np.uint8]]:
        yield pictures[0]
        raise MienError("a picture that cannot be read")

    with pytest.raises(MienError, match="cannot be read"):
        convert(out, faces, "mine", broken())
    assert out.read_bytes() == before
    with pytest.raises(MienError, match="holds something"):
        convert(folder, faces, "mine", pictures)
    assert len(list(folder.rglob("*.png"))) == N
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.csv"]
