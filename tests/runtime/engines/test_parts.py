from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.engines import parts as module
from mien.runtime.engines.blocks import Answer, open_block
from mien.runtime.engines.parts import MANIFEST, Parts
from mien.runtime.formats import Header

HEADER = Header("tiny", "ferplus", "none")
ABOUT = {"settings": {"every": 1}, "inputs": {"n": 9, "sha256": "0"}}


def answer(*numbers: int, kind: str = "csv") -> Answer:
    block = open_block(kind, HEADER)
    for number in numbers:
        block.take(number, [Faces(f"{number}.png", [[0, 0, 1, 1]], [1], np.full((1, 8), 0.125))])
    return block.answer()


def open_parts(folder: Path, *, resume: bool = False, kind: str = "csv", **about: object) -> Parts:
    return Parts(folder, kind, HEADER, ABOUT | about, resume=resume)


def test_a_part_is_written_when_it_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = open_parts(tmp_path)
    parts.add(answer(1, 0))
    assert parts.places == {}
    monkeypatch.setattr(module, "SPAN", 0)
    parts.tick()
    assert sorted(parts.places) == [0, 1]
    data = (tmp_path / parts.places[0].part).read_bytes()
    assert data.startswith(b"input,")
    for number, place in parts.places.items():
        assert data[place.start : place.start + place.size].startswith(f"{number}.png,".encode())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    first = open_parts(tmp_path, kind=kind)
    first.add(answer(0, 1, kind=kind))
    first.close()
    second = open_parts(tmp_path, kind=kind, resume=True)
    assert second.places == first.places
    second.add(answer(2, kind=kind))
    second.close()
    assert {place.part for place in second.places.values()} == {f"part-00000{i}.{kind}" for i in range(2)}


def test_what_the_crash_left_half_done_is_removed_and_done_again(tmp_path: Path) -> None:
    parts = open_parts(tmp_path)
    for numbers in ((0,), (1,), (2,)):
        parts.add(answer(*numbers))
        parts.commit()
    parts.close()
    manifest = tmp_path / MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-5])  # the last line was cut off
    (tmp_path / "part-000001.csv").write_text("cut short")
    (tmp_path / "part-000003.csv.draft").write_text("half")
    again = open_parts(tmp_path, resume=True)
    assert sorted(again.places) == [0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "part-000000.csv"]
    again.add(answer(1, 2))
    again.close()
    assert sorted(open_parts(tmp_path, resume=True).places) == [0, 1, 2]


def test_an_unfinished_run_is_not_overwritten(tmp_path: Path) -> None:
    parts = open_parts(tmp_path)
    parts.add(answer(0))
    parts.close()
    with pytest.raises(MienError, match="unfinished run; add --resume"):
        open_parts(tmp_path)


def test_a_run_that_did_nothing_stands_in_nobodys_way(tmp_path: Path) -> None:
    open_parts(tmp_path).close()
    open_parts(tmp_path, settings={"every": 3}).close()
    assert json.loads((tmp_path / MANIFEST).read_text())["settings"] == {"every": 3}


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"settings": {"every": 2}}, r"another every \(1, now 2\)"),
        ({"inputs": {"n": 9, "sha256": "1"}}, "another list of inputs"),
    ],
)
def test_other_settings_do_not_go_on(tmp_path: Path, about: dict[str, object], words: str) -> None:
    parts = open_parts(tmp_path)
    parts.add(answer(0))
    parts.close()
    with pytest.raises(MienError, match=words):
        open_parts(tmp_path, resume=True, **about)


def test_no_piece_stands_in_two_parts(tmp_path: Path) -> None:
    parts = open_parts(tmp_path)
    parts.add(answer(0))
    with pytest.raises(ValueError, match=r"pieces \[0\] are done already"):
        parts.add(answer(0))
    parts.commit()
    with pytest.raises(ValueError, match=r"pieces \[0\] are done already"):
        parts.add(answer(1, 0))


def test_parts_of_parquet_are_tables_that_can_be_read(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    parts = open_parts(tmp_path, kind="parquet")
    parts.add(answer(0, 1, kind="parquet"))
    parts.add(answer(2, kind="parquet"))
    parts.close()
    table = pq.read_table(tmp_path / "part-000000.parquet")
    assert table["input"].to_pylist() == ["0.png", "1.png", "2.png"]
    assert parts.places[2].start == 2
