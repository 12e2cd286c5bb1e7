"""Pictures below a folder."""

from __future__ import annotations

from pathlib import Path

from tests.datasets.unit_miniatures import pictures

from mien.datasets.picture_names import picture_names


def test_names_at_any_depth_and_a_hash_of_them(tmp_path: Path) -> None:
    pictures(tmp_path, ["b/c/1.png", "a.jpg", ".hidden.jpg"])
    (tmp_path / "notes.txt").write_text("")
    names, first = picture_names(tmp_path)
    assert names == ["a.jpg", "b/c/1.png"]
    (tmp_path / "notes.txt").write_text("more")
    assert picture_names(tmp_path)[1] == first
    pictures(tmp_path, ["b/2.png"])
    assert picture_names(tmp_path)[1] != first
