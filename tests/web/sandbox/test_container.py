from __future__ import annotations

from collections.abc import Callable

import pytest

from mien.web.sandbox.container import container_of

KINDS = {"mp4": "mov", "mov": "mov", "matroska": "matroska", "webm": "matroska", "avi": "avi", "mpegts": "mpegts"}


@pytest.mark.parametrize("container", [name for name in KINDS if name != "webm"])
def test_what_ffmpeg_writes_is_known_by_its_first_bytes(container: str, film: Callable[..., bytes]) -> None:
    assert container_of(film(n=2, container=container)[:512]) == KINDS[container]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"G",
        b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nfile:///etc/passwd",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"<?xml version='1.0'?><MPD>",
        b"\0\0\0\x1cftypavif",
        b"\0\0\0\x1cftypheic",
        b"RIFF\0\0\0\0WEBP",
        b"\xff\xd8\xff\xe0 ftypisom",
        b" \x1aE\xdf\xa3",
    ],
)
def test_playlists_pictures_and_everything_else_are_not(head: bytes) -> None:
    assert container_of(head) is None
