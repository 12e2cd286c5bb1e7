"""Rows to leave out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.exclusions import read_exclusions, without_excluded


def test_rows_are_taken_from_the_column_row(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("kind,row,twin\nexact,3,9\nblank, 5 ,\nexact,3,8\n", encoding="utf-8-sig")
    assert np.flatnonzero(read_exclusions(tmp_path / "f.csv", 10)).tolist() == [3, 5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "line 1 has no column `row`"),
        ("", "line 1 has no column `row`"),
        ("row\n3\n10\n", "line 3: row '10' is none of 0..9"),
        ("row\n-1\n", "line 2: row '-1'"),
        ("row,kind\n\nx,exact\n", "line 3: row 'x'"),
    ],
)
def test_what_is_no_row_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MienError) as error:
        read_exclusions(tmp_path / "f.csv", 10)
    assert told in str(error.value)


def test_no_file_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="check --exclude"):
        read_exclusions(tmp_path / "gone.csv", 3)
    (tmp_path / "f.csv").write_bytes(b"row\n\xff\xfe\x00")
    with pytest.raises(MienError, match="not a CSV text file"):
        read_exclusions(tmp_path / "f.csv", 3)


def test_faces_without_the_rows_that_are_named(faces, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n0\n59\n")
    assert without_excluded(faces, tmp_path / "f.csv").row.tolist() == list(range(1, 59))
    assert without_excluded(faces, None) is faces
    (tmp_path / "all.csv").write_text("row\n" + "\n".join(map(str, range(60))))
    with pytest.raises(MienError, match=r"all.csv: names every row of fer2013"):
        without_excluded(faces, tmp_path / "all.csv")
