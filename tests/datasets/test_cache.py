"""Kept data sets."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets import cache
from mien.datasets.cache import cache_dir, cached, content_hash, tree_hash
from mien.datasets.face_set import FaceSet
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def full_set(pixels: Pixels) -> FaceSet:
    n = len(pixels)
    return FaceSet(
        name="mine",
        pixels=pixels,
        targets={
            "emotion": np.eye(8, dtype=np.float32)[np.arange(n) % 8],
            "valence": np.full(n, np.nan, np.float32),
            "action_units": np.where(np.arange(n) % 3, np.arange(n) % 2, np.nan).astype(np.float32)[:, None],
            "intensity": (np.arange(n) % 6).astype(np.float32)[:, None],
        },
        votes=np.ones((n, 10), np.int16),
        action_units=("AU01",),
        split=np.full(n, "Training"),
        file=np.array([f"a/ü{i}.png" for i in range(n)]),
        box=np.zeros((n, 4), np.float32),
    )  # fmt: skip


def aged(path: Path, seconds: float = 60) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_is_kept_comes_back_whole(pixels: Pixels) -> None:
    first = cached("c0ffee", "test 1", lambda: full_set(pixels))
    again = cached("c0ffee", "test 1", lambda: pytest.fail("read again"))
    for name in ("pixels", "votes", "weight", "split", "file", "row", "made_from", "box", "subject", "group"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
        assert getattr(again, name).dtype == getattr(first, name).dtype
    assert again.paths is None
    assert (again.name, again.action_units, again.content) == ("mine", ("AU01",), "c0ffee")
    assert set(again.targets) == {"emotion", "valence", "action_units", "intensity"}
    for name in again.targets:
        np.testing.assert_array_equal(again.targets[name], first.targets[name])
    assert again.digest() == first.digest()


def test_another_content_or_reader_is_read(pixels: Pixels) -> None:
    cached("c0ffee", "test 1", lambda: full_set(pixels))
    assert cached("c0ffee", "test 2", lambda: full_set(pixels).replace(name="new")).name == "new"
    assert cached("decade", "test 1", lambda: full_set(pixels).replace(name="new")).name == "new"


def test_a_damaged_entry_is_made_again(pixels: Pixels, cache_folder: Path) -> None:
    cached("c0ffee", "test 1", lambda: full_set(pixels))
    (entry,) = (cache_folder / "datasets").glob("*.npz")
    whole = entry.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(pixels[4].tobytes())] ^= 1
    for damaged in (whole[: len(whole) // 2], b"", b"PK\x03\x04 nothing", bytes(flipped)):
        entry.write_bytes(damaged)
        assert (cached("c0ffee", "test 1", lambda: full_set(pixels)).pixels == pixels).all()
        assert entry.read_bytes()[:2] == b"PK"
        assert len(entry.read_bytes()) == len(whole)
    assert [p.name for p in (cache_folder / "datasets").glob(".*")] == []


def test_a_cache_that_cannot_be_written_is_no_error(
    pixels: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "file"))
    aged(tmp_path / "file")
    assert len(content_hash(tmp_path / "file")) == 64
    assert len(cached("c0ffee", "test 1", lambda: full_set(pixels))) == 9


def test_a_failing_read_leaves_nothing_behind(cache_folder: Path) -> None:
    def fail() -> FaceSet:
        raise MienError("bad row")

    with pytest.raises(MienError, match="bad row"):
        cached("c0ffee", "test 1", fail)
    assert not list(cache_folder.rglob("*.npz"))


def test_switched_off(pixels: Pixels, cache_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    aged(path)
    faces = cached(content_hash(path, remember=False), "test 1", lambda: full_set(pixels), enabled=False)
    assert faces.content.startswith("ca978112")  # sha256 of "a"
    assert not list(cache_folder.rglob("*"))


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    aged(path)
    digest = content_hash(path)
    with monkeypatch.context() as patched:
        patched.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
        assert content_hash(path) == digest
    path.write_text("b")
    assert content_hash(path) != digest


def test_a_file_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    stat = path.stat()
    first = content_hash(path)
    path.write_text("b")  # same size, and on a coarse clock the same time
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert content_hash(path) != first


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"nothing: No such file"):
        content_hash(tmp_path / "nothing")


def test_a_tree_goes_by_names_and_contents_wherever_it_stands(tmp_path: Path) -> None:
    hashes = []
    for root, name, text in (("x", "a", "1"), ("y", "a", "1"), ("z", "a", "2"), ("w", "b", "1")):
        path = tmp_path / root / "in" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        aged(path)
        hashes.append(tree_hash(tmp_path / root, [path]))
        assert tree_hash(tmp_path / root, [path]) == hashes[-1]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_the_oldest_entries_make_room(pixels: Pixels, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("first", "test 1", lambda: full_set(pixels))
    (entry,) = (cache_folder / "datasets").glob("*.npz")
    aged(entry)
    monkeypatch.setattr(cache, "LIMIT", entry.stat().st_size * 3 // 2)
    cached("second", "test 1", lambda: full_set(pixels))
    assert not entry.exists()
    assert len(list((cache_folder / "datasets").glob("*.npz"))) == 1


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, cache_folder: Path, tmp_path: Path) -> None:
    assert cache_dir() == cache_folder
    monkeypatch.delenv("MIEN_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "mien"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path.home() / ".cache" / "mien"
