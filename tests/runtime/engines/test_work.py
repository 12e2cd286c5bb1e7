from __future__ import annotations

import inspect
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from mien.runtime.analyzer import Analyzer
from mien.runtime.engines.work import Settings, fingerprint, is_video, pieces_of


def test_settings_are_plain_data_with_the_analyzers_own_defaults() -> None:
    settings = Settings()
    assert json.loads(json.dumps(asdict(settings))) == asdict(settings)
    defaults = {name: p.default for name, p in inspect.signature(Analyzer).parameters.items()}
    assert settings.analyzer() == defaults | {"threads": 1}


def test_pieces_keep_order_and_name_and_know_where_the_file_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pieces = pieces_of(["b.jpg", Path("a.jpg")])
    assert [(p.number, p.name) for p in pieces] == [(0, "b.jpg"), (1, "a.jpg")]
    assert pieces[0].path == str(tmp_path / "b.jpg")


@pytest.mark.parametrize(
    ("name", "data", "video"),
    [
        ("a.bin", b"\0\0\0\x20ftypisom", True),
        ("a.bin", b"\x1aE\xdf\xa3", True),
        ("a.avi", b"\xff\xd8\xff\xe0", False),  # a JPEG, whatever it is called
        ("a.heic", b"\0\0\0\x20ftypheic", False),
        ("a.jpg", b"\0\0\0\x20ftypavif", False),
        ("a.ts", b"G@\0\x10", True),
        ("a.txt", b"hello", False),
    ],
)
def test_a_video_is_told_by_its_first_bytes(tmp_path: Path, name: str, data: bytes, video: bool) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert is_video(path) is video


def test_a_missing_file_is_no_video(tmp_path: Path) -> None:
    assert not is_video(tmp_path / "none.mp4")


def test_the_fingerprint_follows_names_order_and_contents(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
    both = pieces_of([tmp_path / "a", tmp_path / "b"])
    before = fingerprint(both)
    assert before == fingerprint(pieces_of([tmp_path / "a", tmp_path / "b"]))
    assert before != fingerprint(pieces_of([tmp_path / "b", tmp_path / "a"]))
    os.utime(tmp_path / "a", (1, 1))
    assert before != fingerprint(both)
