"""Files of a folder by name and size."""

from __future__ import annotations

import os
from pathlib import Path

from mien.datasets.listing import is_picture, listed, pictures_below, some_pictures


def make(root: Path) -> None:
    for name in ("b/2.jpg", "a/10.jpg", "a/1.PNG", "a/._1.png", "a/notes.txt", "c/x.npy", ".hidden/1.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"1" * len(name))


def test_names_sizes_and_what_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path)
    found = listed(tmp_path, "a", "b", "absent")
    assert found.names == ["a/1.PNG", "a/10.jpg", "b/2.jpg"]
    assert found.sizes == [7, 8, 7]
    assert listed(tmp_path, "c", suffixes=frozenset({".npy"})).names == ["c/x.npy"]
    assert [p.name for p in pictures_below(tmp_path)] == ["1.PNG", "10.jpg", "2.jpg"]
    assert len(some_pictures(tmp_path, 2)) == 2
    assert not is_picture("._1.png")


def test_hashes(tmp_path: Path) -> None:
    make(tmp_path)
    names, times = (listed(tmp_path, "a", "b").hash(times=t) for t in (False, True))
    os.utime(tmp_path / "b" / "2.jpg", (1, 1))
    touched = listed(tmp_path, "a", "b")
    assert touched.hash() == names
    assert touched.hash(times=True) != times
    (tmp_path / "b" / "2.jpg").write_bytes(b"another size")
    assert listed(tmp_path, "a", "b").hash() != names
