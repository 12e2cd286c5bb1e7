"""Parquet with encoded pictures."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.load import load_dataset
from mien.datasets.parquet import read_parquet
from mien.errors import MienError, MissingExtraError
from mien.labels import VOTE_COLUMNS

Pixels = NDArray[np.uint8]


pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def encode(picture: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def ours(mini: Any) -> Callable[..., Path]:
    """Writes the columns of the project's own file: `ours(path, pixels, **columns instead)`."""

    def write(path: Path, pixels: Pixels, **changes: Any) -> Path:
        columns = {
            "image": [encode(p) for p in pixels],
            "label": pa.array(mini.labels, pa.int8()),
            "usage": pa.array(mini.usages).dictionary_encode(),
            **{f"ferplus_{name}": pa.array([i] * 9, pa.int8()) for i, name in enumerate(VOTE_COLUMNS)},
            **changes,
        }
        pq.write_table(pa.table({k: v for k, v in columns.items() if v is not None}), path)
        return path

    return write


def hub(path: Path, pixels: Pixels, labels: list[int], names: list[str] | None) -> Path:
    """A shard as a hub keeps it."""
    images = [{"bytes": encode(p), "path": f"{i}.png"} for i, p in enumerate(pixels)]
    table = pa.table({"image": images, "label": pa.array(labels, pa.int64())})
    if names:
        features = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
        about = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(about)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


def test_our_own_columns(ours: Any, mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    faces = read_parquet(ours(tmp_path / "x.parquet", pixels))
    assert faces.name == "fer2013"
    assert (faces.pixels == pixels).all()
    assert faces.hard("fer2013").tolist() == list(mini.labels)
    assert faces.split.tolist() == list(mini.usages)
    assert faces.votes is not None
    assert faces.votes.tolist() == [list(range(10))] * 9
    assert faces.targets["ferplus"].shape == (9, 8)


def test_a_hubs_shards(tmp_path: Path, pixels: Pixels) -> None:
    # alphabetical class names: 4, 5 and 6 are not what they are in the CSV
    names = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
    hub(tmp_path / "fer" / "data" / "test-00000-of-00001.parquet", pixels[7:], [5, 6], names)
    hub(tmp_path / "fer" / "data" / "train-00001-of-00002.parquet", pixels[3:7], [3, 4, 0, 1], names)
    hub(tmp_path / "fer" / "data" / "train-00000-of-00002.parquet", pixels[:3], [4, 5, 6], names)
    faces = load_dataset(tmp_path / "fer")
    assert (faces.pixels == pixels).all()
    assert faces.split.tolist() == ["Training"] * 7 + ["Test"] * 2
    assert faces.hard("fer2013").tolist() == [6, 4, 5, 3, 6, 0, 1, 4, 5]
    assert faces.row.tolist() == [0, 1, 2, 0, 1, 2, 3, 0, 1]
    assert faces.file[3].endswith("train-00001-of-00002.parquet")
    assert len(faces.content) == 64


def test_codes_without_names_are_fer2013s(mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    for names in (None, [str(i) for i in range(7)]):
        faces = read_parquet(hub(tmp_path / "train" / "0000.parquet", pixels, list(mini.labels), names))
        assert faces.hard("fer2013").tolist() == list(mini.labels)
        assert set(faces.split.tolist()) == {"Training"}


def test_words_for_labels(ours: Any, tmp_path: Path, pixels: Pixels) -> None:
    words = ["Happy", "sad", "contempt"] * 3
    faces = read_parquet(ours(tmp_path / "mine.parquet", pixels, label=words, ferplus_fear=None))
    assert faces.name == "mine"
    assert faces.hard("emotion").tolist() == [3, 4, 7] * 3
    assert faces.votes is None


def test_a_cached_file_keeps_the_split_of_its_name(mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    for word, split in (("train", "Training"), ("test", "Test")):
        path = hub(tmp_path / f"{word}-0.parquet", pixels, list(mini.labels), None)
        assert set(load_dataset(path).split.tolist()) == {split}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"label": [0, 1, 9, 9, 0, 0, 0, 0, 0]}, r"row 2: unknown label 9, expected 0 to 6; 1 more broken row"),
        ({"label": [0, None, 1, 0, 0, 0, 0, 0, 0]}, "row 1: no label"),
        ({"label": ["sad", "grumpy"] + ["fear"] * 7}, "row 1: unknown emotion 'grumpy'"),
        ({"usage": ["Training"] * 8 + ["Trial"]}, "row 8: unknown usage 'Trial'"),
        ({"image": [b"x"] * 9}, "row 0: text, not a picture; 8 more broken rows"),
        ({"image": [None, b""] + [b"x"] * 7}, "row 0: an empty picture"),
        ({"image": list(range(9))}, "the picture column holds int64"),
        ({"image": None}, "no column of pictures among label, usage"),
    ],
)
def test_broken_rows(ours: Any, tmp_path: Path, pixels: Pixels, changes: dict[str, Any], what: str) -> None:
    path = ours(tmp_path / "x.parquet", pixels, **changes)
    with pytest.raises(MienError, match=what) as caught:
        read_parquet(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_pictures_of_several_sizes(ours: Any, tmp_path: Path, pixels: Pixels) -> None:
    images = [encode(p) for p in pixels[:8]] + [encode(pixels[8, :24])]
    with pytest.raises(MienError, match=r"pictures of 2 sizes \(48 x 24, 48 x 48"):
        read_parquet(ours(tmp_path / "x.parquet", pixels, image=images))


def test_damaged_and_empty_files(ours: Any, tmp_path: Path, pixels: Pixels) -> None:
    path = ours(tmp_path / "x.parquet", pixels)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MienError, match=r"x.parquet: no readable Parquet \(.*\): get the file again"):
        load_dataset(path)
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), path)
    with pytest.raises(MienError, match="no rows"):
        load_dataset(path)


def test_without_pyarrow(ours: Any, tmp_path: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ours(tmp_path / "x.parquet", pixels)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"reading Parquet needs pyarrow.*mien\[parquet\]"):
        load_dataset(path)


def test_grey_pictures_kept_in_colour_are_one_plane(ours: Any, tmp_path: Path, pixels: Pixels) -> None:
    images = [encode(np.repeat(p[..., None], 3, axis=2)) for p in pixels]
    faces = read_parquet(ours(tmp_path / "x.parquet", pixels, image=images))
    assert (faces.pixels == pixels).all()
