"""Whether a file is a video, by its first bytes."""

from __future__ import annotations

from pathlib import Path

from mien.images.kind import VIDEO_SUFFIXES, kind_of

HEIF = (b"heic", b"heix", b"mif1", b"heif", b"hevc", b"avif", b"avis")
"""Brands of pictures that stand in the same boxes as MP4."""


def is_video(path: Path) -> bool:
    """By the first bytes: what is no picture and is named, or begins, like a video. A missing file is none."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except (OSError, ValueError):
        return False
    if kind_of(head) is not None:
        return False
    boxes = head[4:8] == b"ftyp" and head[8:12] not in HEIF
    begins = boxes or head[:4] == b"\x1aE\xdf\xa3" or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
    return begins or path.suffix.lower() in VIDEO_SUFFIXES
