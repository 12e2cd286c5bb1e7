"""Cells by column."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.csv_columns import read_columns
from mien.datasets.csv_header import read_header
from mien.errors import MienError


def test_quotes_blanks_and_commas_in_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a, b ,'c'\n'x,y', 1 ,2\n\n\"p,q\",'3',\n")
    table = read_columns(path, read_header(path))
    assert [list(column) for column in table.cells] == [["x,y", "p,q"], ["1", "3"], ["2", ""]]
    assert list(table.lines) == [2, 4]


def test_wrong_counts_of_cells_and_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n1,2\n1,2,3,4\n")
    with pytest.raises(MienError, match=r"a.csv: row 1 \(line 3\): 2 fields, expected 3; 1 more broken row"):
        read_columns(path, read_header(path))
    path.write_text("a,b,c\n")
    with pytest.raises(MienError, match="a header and no rows"):
        read_columns(path, read_header(path))
