"""Index files: written, read back, and broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.datasets.index import Index, index_of, is_index, read_index, write_index
from mien.errors import MienError


def three(source: str) -> Index:
    return index_of(source, 3, np.array(["Training", "Training", "Test"]), content="0123456789abcdef")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    whole = three(str(tmp_path / "data" / "faces.parquet"))
    whole = whole.replace(fold=np.array([1, 0, -1]), weight=np.float32([0.5, np.nan, 2]))
    whole = whole.replace(ferplus=np.full(3, str(tmp_path / "fer2013new.csv"))).select(np.array([2, 0, 0]))
    write_index(tmp_path / "cuts" / "index.csv", whole)
    assert is_index(tmp_path / "cuts" / "index.csv")
    again = read_index(tmp_path / "cuts" / "index.csv")
    for name in ("source", "row", "split", "fold", "weight", "ferplus", "content"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))
    assert again.line.tolist() == [2, 3, 4]


def test_columns_that_say_nothing_are_left_out_and_paths_are_relative(tmp_path: Path) -> None:
    write_index(tmp_path / "a.csv", three(str(tmp_path / "faces.csv")))
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[:2] == ["source,row,split,content", "faces.csv,0,Training,0123456789abcdef"]
    write_index(tmp_path / "b.csv", three("synthetic:n=3,seed=1"))
    assert read_index(tmp_path / "b.csv").source[0] == "synthetic:n=3,seed=1"


def test_index_and_data_move_together(tmp_path: Path) -> None:
    (tmp_path / "one" / "data").mkdir(parents=True)
    write_index(tmp_path / "one" / "index.csv", three(str(tmp_path / "one" / "data")))
    (tmp_path / "one").rename(tmp_path / "two")
    assert read_index(tmp_path / "two" / "index.csv").source[0] == str(tmp_path / "two" / "data")


def test_a_path_through_a_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away")
    write_index(tmp_path / "near" / "index.csv", three(str(tmp_path / "faces.csv")))
    assert "../../faces.csv" in (tmp_path / "near" / "index.csv").read_text()


def test_other_files_are_none(tmp_path: Path) -> None:
    for name, text in (("a.csv", "emotion,pixels,Usage\n"), ("b.csv", "source,row\n"), ("c.parquet", "PAR1\0")):
        (tmp_path / name).write_text(text)
        assert not is_index(tmp_path / name)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a,-1,Training", r"row 1 \(line 3\): row '-1' is no number from 0"),
        ("a,,Training", "row '' is no number"),
        (",1,Training", "no source"),
        ("a,1", "2 fields, expected 3"),
    ],
)
def test_a_broken_line_is_named(line: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text(f"source,row,split\na,0,Training\n{line}\n")
    with pytest.raises(MienError, match=what):
        read_index(tmp_path / "i.csv")


def test_a_weight_below_nothing_and_an_empty_index(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("source,row,split,weight\na,0,Training,-2\n")
    with pytest.raises(MienError, match="weight '-2' is no number of 0 or more"):
        read_index(tmp_path / "i.csv")
    (tmp_path / "i.csv").write_text("source,row,split\n")
    with pytest.raises(MienError, match="a header and no rows"):
        read_index(tmp_path / "i.csv")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place"):
        write_index(tmp_path / "file" / "index.csv", three("synthetic"))


def test_a_data_set_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    with pytest.raises(MienError, match="a file that is no index stands there"):
        write_index(tmp_path / "fer2013.csv", three("synthetic"))
    write_index(tmp_path / "i.csv", three("synthetic"))
    write_index(tmp_path / "i.csv", three("synthetic:n=3"))
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["fer2013.csv", "i.csv"]
