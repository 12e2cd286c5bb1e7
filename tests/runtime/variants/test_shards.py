from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

from mien.errors import MienError  # noqa: E402
from mien.runtime.variants.shards import Shards  # noqa: E402

SETTINGS: dict[str, Any] = {"mode": "augment", "seed": 0, "generator": {"name": "g", "sha256": "ab"}, "radius": 0.2}


def columns(rows: list[int]) -> dict[str, list[Any]]:
    n = len(rows)
    return {
        "image": [b"png"] * n, "label": ["fear"] * n, "made_from": rows, "variant": [0] * n,
        "emotion_from": ["fear"] * n, "source": ["0" * 16] * n, "x": [0.5] * n, "y": [0.25] * n,
    }  # fmt: skip


def test_a_plan_is_cut_into_shards_the_last_one_short(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "new" / "set", SETTINGS, 10, per_shard=4)
    assert [shards.range(number) for number in range(shards.count)] == [(0, 4), (4, 8), (8, 10)]
    assert shards.missing() == [0, 1, 2]
    shards.write(1, columns([4, 5, 6, 7]))
    assert Shards(tmp_path / "new" / "set", SETTINGS, 10, per_shard=4).missing() == [0, 2]
    assert shards.counts() == {"fear": 4}


def test_a_shard_says_how_it_was_made(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    shards = Shards(tmp_path / "set", SETTINGS, 2)
    shards.write(0, columns([30, 31]))
    table = pq.read_table(shards.path(0))
    assert json.loads(table.schema.metadata[b"mien.variants"]) == {"settings": SETTINGS, "shard": 0}
    assert table.column("image").to_pylist()[1] == {"bytes": b"png", "path": "31_0.png"}
    assert table.column("usage").to_pylist() == ["Training"] * 2
    types = {name: str(table.schema.field(name).type) for name in ("made_from", "variant", "x")}
    assert types == {"made_from": "int64", "variant": "int32", "x": "float"}
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == ["variants-00000.parquet", "variants.json"]


@pytest.mark.parametrize(
    ("changed", "planned", "message"),
    [
        ({"seed": 1}, 10, "made with seed 0, not 1"),
        ({"generator": {"name": "g", "sha256": "cd"}}, 10, r"made with generator\.sha256 ab, not cd"),
        ({"judge": "small"}, 10, "made with judge none, not small"),
        ({}, 11, "made with planned 10, not 11"),
    ],
)
def test_other_settings_are_told_by_name(tmp_path: Path, changed: dict[str, Any], planned: int, message: str) -> None:
    Shards(tmp_path / "set", SETTINGS, 10)
    with pytest.raises(MienError, match=message):
        Shards(tmp_path / "set", SETTINGS | changed, planned)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(MienError, match=r"holds notes\.txt and no variants\.json; choose an empty --out"):
        Shards(tmp_path, SETTINGS, 10)
    with pytest.raises(MienError, match="not a folder"):
        Shards(tmp_path / "notes.txt", SETTINGS, 10)


def test_a_kill_while_the_settings_were_written_leaves_a_folder_that_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "variants.json.123.part").write_text("{")
    shards = Shards(tmp_path, SETTINGS, 2)
    shards.write(0, columns([0, 1]))
    shards.tidy()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["variants-00000.parquet", "variants.json"]


def test_a_damaged_or_strange_shard_is_made_again(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "set", SETTINGS, 8, per_shard=4)
    shards.write(0, columns([0, 1]))
    shards.write(1, columns([4, 5]))
    data = shards.path(0).read_bytes()
    shards.path(1).write_bytes(data)  # another's bytes under its name
    assert shards.missing() == [1]
    shards.path(0).write_bytes(data[:-20])
    assert shards.missing() == [0, 1]


def test_half_written_files_are_cleared_away(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "set", SETTINGS, 8)
    (tmp_path / "set" / "variants-00000.parquet.123.part").write_bytes(b"half")
    shards.tidy()
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["variants.json"]
