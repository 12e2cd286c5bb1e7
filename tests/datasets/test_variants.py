"""Folders of made pictures, read as a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pq = pytest.importorskip("pyarrow.parquet")

from tests.runtime.variants.made_faces import SIZE, drawn, made  # noqa: E402

from mien.datasets.groups import groups_of  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.datasets.picture_key import picture_keys  # noqa: E402
from mien.datasets.variants import FILE, PICTURE, is_shard, is_variants_folder, read_facts, settings_of  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three shards of variants of forty drawn faces."""
    made(tmp_path, tmp_path / "out", drawn(), per_shard=24)
    return tmp_path / "out"


def test_a_folder_is_a_data_set_of_made_pictures(folder: Path) -> None:
    sources, found = drawn(), load_dataset(folder)
    assert found.name == "synthetic variants"
    assert found.pixels is not None
    assert found.pixels.shape == (len(found), SIZE, SIZE)
    assert found.row.tolist() == list(range(len(found)))
    assert set(found.split.tolist()) == {"Training"}
    assert (found.made_from >= 0).all()
    assert set(found.file.tolist()) == {str(folder / FILE)}
    assert found.emotion_schemes == ("synthetic",)
    label = sources.hard("synthetic")
    assert np.array_equal(found.hard("synthetic"), label[found.made_from])
    absent = [EMOTIONS[k] for k in np.flatnonzero(np.isnan(found.targets["synthetic"]).all(axis=0))]
    assert not absent  # the scheme's emotions, those too of which the generator makes no picture
    keys = picture_keys(sources)
    assert found.group.tolist() == [PICTURE + keys[row] for row in found.made_from]
    again = load_dataset(folder)  # out of the cache
    assert np.array_equal(again.pixels, found.pixels)
    assert again.content == found.content
    assert np.array_equal(again.made_from, found.made_from)


def test_a_cut_parts_no_faces_variants(folder: Path) -> None:
    found = load_dataset(folder)
    groups = groups_of(found)
    assert groups is not None
    assert len(np.unique(groups)) == len(np.unique(found.made_from))


def test_one_shard_alone_is_no_set_of_real_faces(folder: Path) -> None:
    shard = sorted(folder.glob("*.parquet"))[1]
    assert is_shard(shard)
    found = load_dataset(shard)
    assert len(found) == 24
    assert np.array_equal(found.made_from, load_dataset(folder).made_from[24:48])
    assert set(found.file.tolist()) == {str(shard)}
    assert not is_shard(folder / FILE)
    assert not is_shard(folder / "nowhere.parquet")


def test_facts(folder: Path) -> None:
    assert is_variants_folder(folder)
    assert not is_variants_folder(folder.parent)
    facts = read_facts(folder)
    assert facts["settings"]["mode"] == "augment"
    assert facts["shards"] == len(list(folder.glob("*.parquet"))) == 3
    assert settings_of(folder / "variants-00000.parquet") == facts["settings"]
    with pytest.raises(MienError, match="give a folder that mien augment made"):
        read_facts(folder.parent)


def test_an_unfinished_folder_is_no_data_set(folder: Path) -> None:
    (folder / "variants-00001.parquet").unlink()
    with pytest.raises(MienError, match=r"2 of 3 shards: run mien augment with the same settings again"):
        load_dataset(folder)


def test_shards_of_two_runs_do_not_mix(folder: Path, tmp_path: Path) -> None:
    made(tmp_path, tmp_path / "other", drawn(), per_shard=24, number=4)
    (folder / "variants-00001.parquet").write_bytes((tmp_path / "other" / "variants-00001.parquet").read_bytes())
    with pytest.raises(MienError, match=r"variants-00001\.parquet: made with other settings"):
        load_dataset(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "mien.variants"}', "not what mien augment writes"),
        ('{"format": "mien.variants", "version": 99, "settings": {}, "shards": 1, "planned": 1}', "upgrade mien"),
    ],
)
def test_a_broken_description_is_told(folder: Path, text: str, message: str) -> None:
    (folder / FILE).write_text(text)
    with pytest.raises(MienError, match=message):
        load_dataset(folder)


def test_a_broken_shard_is_told(folder: Path) -> None:
    shard = folder / "variants-00002.parquet"
    shard.write_bytes(shard.read_bytes()[:-30])
    with pytest.raises(MienError, match=r"out: cannot be read or written"):
        load_dataset(folder)


def test_a_broken_picture_is_told_with_its_row(folder: Path) -> None:
    import pyarrow as pa

    path = folder / "variants-00000.parquet"
    table = pq.read_table(path)
    images = table.column("image").to_pylist()
    images[5]["bytes"] = images[5]["bytes"][:40]
    at = table.schema.get_field_index("image")
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(images, table.schema.field(at).type)), path)
    with pytest.raises(MienError, match=r"variants-00000\.parquet: row 5"):
        load_dataset(folder)


def test_colour(tmp_path: Path) -> None:
    from tests.runtime.variants.made_faces import generator

    generator(tmp_path, colour="rgb")
    made(tmp_path, tmp_path / "out", drawn(colour="rgb"), per_shard=24, number=1)
    found = load_dataset(tmp_path / "out")
    assert found.pixels is not None
    assert found.pixels.shape[1:] == (SIZE, SIZE, 3)
