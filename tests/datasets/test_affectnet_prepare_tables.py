"""The rows of AffectNet's first release."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.datasets.affectnet_miniature import COLUMNS, Row, raw_release, table

from mien.datasets.affectnet_prepare_rows import FOLDERS
from mien.datasets.affectnet_prepare_tables import of_table, tables_below
from mien.errors import MienError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return raw_release(tmp_path / "AffectNet")


def test_a_table(root: Path) -> None:
    rows = of_table(root / "training.csv", root, "Training")
    assert rows.codes.tolist() == list(range(11))
    assert rows.number.tolist() == list(range(11))
    assert rows.affect[1].tolist() == [-0.4, 0.3333]  # float64: float32 would be cut off one lower now and then
    assert rows.box is not None
    assert rows.box[0].tolist() == [90, 20, 120, 80]
    assert rows.folders == (str(root / "Manually_Annotated_Images"),)
    assert of_table(root / "automatically_annotated.csv", root, "Automatic").folders == (
        str(root / "Automatically_Annotated_Images"),
    )


def test_broken_rows_stand_beside_good_ones(root: Path) -> None:
    path = table(root / "training.csv", [Row("0/a0.jpg"), Row("", 3), Row("0/a2.jpg", 11), Row("0/a4.jpg", "2.0")])
    with path.open("a") as file:
        file.write("0/a6.jpg,10,20\n")
    rows = of_table(path, root, "Training")
    assert rows.broken == {1: "no path", 2: "expression is no number from 0 to 10", 4: rows.broken[2]}
    assert rows.codes.tolist() == [1, 3, -1, 2, -1]


def test_where_tables_lie(root: Path) -> None:
    lists = root / "Manually_Annotated_file_lists"
    lists.mkdir()
    (root / "validation.csv").rename(lists / "validation.csv")
    (root / "notes.csv").write_text("a,b\n1,2\n")
    (root / "empty.csv").touch()
    assert list(tables_below(root, FOLDERS)) == [
        root / "training.csv", lists / "validation.csv", root / "automatically_annotated.csv",
    ]  # fmt: skip
    assert tables_below(root, ["Validation"]) == {lists / "validation.csv": "Validation"}


@pytest.mark.parametrize("place", ["Manually_Annotated_extracted", "Manually_Annotated/Manually_Annotated_Images", "."])
def test_where_pictures_lie(place: str, tmp_path: Path) -> None:
    path = table(tmp_path / "training.csv", [Row("9/gone.jpg"), Row("1/a.jpg")])
    with pytest.raises(MienError, match="no folder Manually_Annotated_Images or Manually_Annotated_extracted in"):
        of_table(path, tmp_path, "Training")
    (tmp_path / place / "1").mkdir(parents=True)
    assert str(tmp_path / place) in of_table(path, tmp_path, "Training").folders


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "an empty file"),
        ("a,b\n1,2\n", "lacks one of AffectNet's columns subDirectory_filePath, face_x"),
        (COLUMNS + "\n", "a header and no rows"),
        (COLUMNS + "\n" + "a," * 20 + "\n" + "a," * 30 + "\n", "not readable as CSV"),
    ],
)
def test_what_is_no_table(text: str, what: str, root: Path) -> None:
    (root / "training.csv").write_text(text)
    with pytest.raises(MienError, match=rf"training.csv: {what}"):
        of_table(root / "training.csv", root, "Training")
