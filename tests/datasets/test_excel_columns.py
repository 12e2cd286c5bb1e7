"""Excel sheets, where openpyxl is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.excel_columns import read_excel
from mien.errors import MienError


def test_cells_as_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("URL", "'AU 1'"), ("'a/b.jpg'", 1), (None, None), ("c/d.jpg", 999)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    header, table = read_excel(tmp_path / "a.xlsx")
    assert header.names == ("URL", "AU 1")
    assert [list(column) for column in table.cells] == [["a/b.jpg", "c/d.jpg"], ["1", "999"]]
    assert list(table.lines) == [2, 4]


def test_no_excel_file(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(MienError, match=r"a.xlsx: .*save it as CSV"):
        read_excel(tmp_path / "a.xlsx")
