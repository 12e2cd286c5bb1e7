from __future__ import annotations

from pathlib import Path

import pytest

from mien.runtime.inputs import gather


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "in/b.jpg",
        "in/a.PNG",
        "in/sub/b.jpg",
        "in/.git/c.jpg",
        "in/._a.png",
        "in/notes.txt",
        "x[1].jpg",
        "t.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(*names: str, recursive: bool = True) -> list[str]:
    return [p.path.as_posix() for p in gather(names, recursive=recursive).pictures]


def test_folders(tree: Path) -> None:
    assert paths("in") == ["in/a.PNG", "in/b.jpg", "in/sub/b.jpg"]
    assert paths("in", recursive=False) == ["in/a.PNG", "in/b.jpg"]
    (tree / "bare").mkdir()
    assert paths("bare") == ["bare"]  # reading it says that it is a folder


def test_patterns_and_names_that_look_like_them(tree: Path) -> None:
    assert paths("in/*.jpg") == ["in/b.jpg"]
    assert paths("in/**/*.jpg") == ["in/b.jpg", "in/sub/b.jpg"]
    assert paths("x[1].jpg") == ["x[1].jpg"]
    assert paths("no*.such") == ["no*.such"]
    assert paths("gone.jpg", "in/notes.txt") == ["gone.jpg", "in/notes.txt"]


def test_each_file_once_in_the_order_named(tree: Path) -> None:
    assert paths("in/b.jpg", "in") == ["in/b.jpg", "in/a.PNG", "in/sub/b.jpg"]


def test_copies_do_not_overwrite_each_other(tree: Path) -> None:
    copies = [p.copy.as_posix() for p in gather(["in/b.jpg", "in/sub/b.jpg", "in"]).pictures]
    assert copies == ["b.jpg", "b-2.jpg", "a.PNG"]


def test_data_sets_are_told_from_pictures(tree: Path) -> None:
    found = gather(["t.csv", "in/b.jpg", "t.csv", "gone.csv"])
    assert found.sets == (Path("t.csv"),)
    assert [p.path.name for p in found.pictures] == ["b.jpg", "gone.csv"]


def test_videos_where_they_are_asked_for(tree: Path) -> None:
    (tree / "in" / "talk.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    (tree / "in" / "clip.jpg").write_bytes(b"\0\0\0\x18ftypisom")
    found = gather(["in"], videos=True)
    assert [p.as_posix() for p in found.videos] == ["in/clip.jpg", "in/talk.mp4"]
    assert [p.path.as_posix() for p in found.pictures] == ["in/a.PNG", "in/b.jpg", "in/sub/b.jpg"]
    assert gather(["in/talk.mp4"]).videos == ()
    assert [p.path.name for p in gather(["in/talk.mp4"]).pictures] == ["talk.mp4"]
