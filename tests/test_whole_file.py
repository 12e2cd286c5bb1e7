from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mien.whole_file import whole_file, write_whole


def test_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "table.csv"
    with whole_file(path) as part:
        part.write_text("half")
        assert part.parent == path.parent
        assert part.name.startswith(".")
        assert not path.exists()
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"]


def test_what_fails_leaves_the_file_of_before(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_whole(path, "before\n")

    def fails() -> None:
        with whole_file(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert path.read_text() == "before\n"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_threads_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path, both = tmp_path / "one", threading.Barrier(2, timeout=10)
    failed: list[BaseException] = []

    def write(text: str) -> None:
        try:
            with whole_file(path) as part:
                part.write_text(text)
                both.wait()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in ("a" * 10, "b" * 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_text() in ("a" * 10, "b" * 10)
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_text_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "é\r\n")
    write_whole(tmp_path / "bytes", b"\xff")
    assert (tmp_path / "text").read_bytes() == "é\r\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\xff"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file" / "inside", "text")
