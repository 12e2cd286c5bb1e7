from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.faces import Faces
from mien.runtime.engines import blocks
from mien.runtime.engines.blocks import CsvBlock, Told, open_block, schema
from mien.runtime.formats import Header, open_writer

HEADER = Header("tiny", "ferplus", "none")


def found(name: str, n: int = 1, frame: int | None = None, error: str | None = None) -> Faces:
    emotion = np.full((n, 8), 0.125)
    return Faces(name, np.tile([1, 2, 3, 4], (n, 1)), np.ones(n), emotion, frame=frame, error=error)


def test_csv_is_what_the_format_writes(tmp_path: Path) -> None:
    block = CsvBlock(HEADER)
    block.take(4, [found("a,1.png", 2)])
    block.take(2, [Faces("b.mp4", error="bad", frame=7, time=3723.123456)])
    answer = block.answer()
    writer = open_writer("csv", tmp_path / "t.csv", HEADER)
    writer.write(found("a,1.png", 2))
    writer.write(Faces("b.mp4", error="bad", frame=7, time=3723.123456))
    writer.close()
    head, _, lines = (tmp_path / "t.csv").read_bytes().partition(b"\n")
    assert head.startswith(b"input,")
    assert answer.block == lines
    first, second = answer.told
    assert (first.number, first.rows, first.faces, first.error) == (4, 2, 2, None)
    assert second == Told(2, 1, len(lines) - first.size, 0, None)  # a frame of a video that was read


@pytest.mark.parametrize("kind", blocks.KINDS)
def test_a_long_video_is_packed_in_groups(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(blocks, "GROUP", 3)
    block = open_block(kind, HEADER)
    block.take(0, (found("v.mp4", frame=i) for i in range(10)))
    answer = block.answer()
    (told,) = answer.told
    assert (told.rows, told.faces) == (10, 10)
    assert told.size == (10 if kind == "parquet" else len(answer.block))


def test_a_frame_that_could_not_be_decoded_does_not_make_the_video_unreadable() -> None:
    block = CsvBlock(HEADER)
    block.take(0, [found("v.mp4", frame=0), Faces("v.mp4", frame=1, error="corrupt"), found("v.mp4", frame=2)])
    block.take(1, [Faces("v.mp4", frame=0, error="corrupt"), Faces("v.mp4", error="no video")])
    assert [told.error for told in block.answer().told] == [None, "no video"]


def test_parquet_has_the_formats_schema_and_says_what_it_is_of() -> None:
    pa = pytest.importorskip("pyarrow")
    block = open_block("parquet", HEADER)
    block.take(0, [found("a.png", 2)])
    table = pa.ipc.open_stream(block.answer().block).read_all()
    assert table.num_rows == 2
    assert table.schema.equals(schema(HEADER))
    assert b"tiny" in schema(HEADER).metadata[b"mien"]
