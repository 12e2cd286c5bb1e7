"""What stands beside prepared pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.datasets.affectnet_miniature import Row, raw_release, table

from mien.datasets.affectnet_prepare_report import SETTINGS, Settings, Skip, begin, write_skipped
from mien.datasets.affectnet_prepare_rows import Rows
from mien.datasets.affectnet_prepare_tables import of_table
from mien.errors import MienError

USUAL = Settings(96, stretch=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return raw_release(tmp_path / "AffectNet")


def rows_of(root: Path, name: str = "training") -> Rows:
    return of_table(root / f"{name}.csv", root, name.capitalize())


def test_faces_in_one_folder_are_made_alike(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    begin(out, USUAL, [rows_of(root)])
    before = (out / SETTINGS).read_bytes()
    begin(out, USUAL, [rows_of(root)])
    assert (out / SETTINGS).read_bytes() == before
    with pytest.raises(MienError, match=r"were made with side 96, not 48: choose another --out"):
        begin(out, Settings(48, stretch=False), [rows_of(root)])
    with pytest.raises(MienError, match="with stretch False, not True"):
        begin(out, Settings(96, stretch=True), [rows_of(root)])
    begin(out, USUAL, [rows_of(root, "validation")])  # another set beside it
    table(root / "training.csv", [Row("0/a0.jpg", 5)])
    with pytest.raises(MienError, match=r"Training_Labeled was made of training.csv as it was then"):
        begin(out, USUAL, [rows_of(root)])


def test_what_others_made_is_left_alone(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "Training_Labeled"
    folder.mkdir(parents=True)
    begin(tmp_path / "out", USUAL, [rows_of(root)])  # an empty folder is nobody's
    (tmp_path / "out" / SETTINGS).unlink()
    (folder / "0").mkdir()
    with pytest.raises(MienError, match="Training_Labeled: holds what mien did not prepare"):
        begin(tmp_path / "out", USUAL, [rows_of(root)])


@pytest.mark.parametrize("text", ["{", "[]", '{"sets": 3}'])
def test_settings_that_are_none(text: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text(text)
    with pytest.raises(MienError, match=SETTINGS):
        begin(tmp_path, USUAL, [rows_of(root)])


def test_rows_without_a_face(root: Path, tmp_path: Path) -> None:
    training, validation = rows_of(root), rows_of(root, "validation")
    write_skipped(tmp_path, [Skip("training.csv", 3, "0/ä,b.jpg", "missing", "")], [training])
    write_skipped(tmp_path, [Skip("validation.csv", 0, "x", "no_box", "")], [validation])
    path = write_skipped(tmp_path, [Skip("training.csv", 4, "y", "unreadable", "broken")], [training])
    assert path.read_text(encoding="utf-8") == (
        "csv,row,path,reason,detail\nvalidation.csv,0,x,no_box,\ntraining.csv,4,y,unreadable,broken\n"
    )
    assert [p.name for p in tmp_path.glob(".*")] == []
