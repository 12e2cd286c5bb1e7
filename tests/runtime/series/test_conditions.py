"""Conditions joined from a list of stretches."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.runtime.series.conditions import read_conditions, with_conditions


def listed(path: Path, *rows: str, header: str = "input,start,end,condition,subject") -> Path:
    path = path / "conditions.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_from_start_up_to_before_end(track, tmp_path: Path) -> None:
    path = listed(tmp_path, "a.mp4,0,1,rest,S1", "a.mp4,1,2,film,S1", "z.mp4,0,9,rest,S2")
    table = track([0, 0.5, 1, 1.5, 2], happiness=[0.1, None, 0.1, 0.1, 0.1], input="in/a.mp4")
    out = with_conditions(table, read_conditions(path))
    assert out["condition"].tolist() == ["rest", "rest", "film", "film", None]
    assert out["subject"].tolist() == ["S1"] * 4 + [None]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a.mp4,0,x,rest,S"], r"row 0 \(line 2\): end is 'x', no time in seconds"),
        (["a.mp4,0,1,rest,S", "a.mp4,2,2,rest,S"], "row 1: ends at 2 s and starts at 2 s"),
        (["a.mp4,0,2,rest,S", "b.mp4,1,3,x,S", "a.mp4,1,3,film,S"], r"row 2 \(line 4\): overlaps another stretch"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(MienError, match=said):
        read_conditions(listed(tmp_path, *rows))


def test_what_does_not_fit_the_table(track, join, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no column end"):
        read_conditions(listed(tmp_path, "a,1,2", header="input,start,condition"))
    table = track([0], happiness=[0.1])
    with pytest.raises(MienError, match=r"none of the table's inputs, such as 'a\.mp4'"):
        with_conditions(table, read_conditions(listed(tmp_path, "z.mp4,0,1,rest,S")))
    conditions = read_conditions(listed(tmp_path, "a.mp4,0,1,rest,S"))
    with pytest.raises(MienError, match="column 'condition' already"):
        with_conditions(table.assign(condition="x"), conditions)
    two = join(track([0], happiness=[0.1], input="x/a.mp4"), track([0], happiness=[0.1], input="y/a.mp4"))
    with pytest.raises(MienError, match="names 2 inputs"):
        with_conditions(two, conditions)
