from __future__ import annotations

import io

import pytest
from PIL import Image

from mien.images.kind import SUFFIXES, VIDEO_SUFFIXES, kind_of, not_a_picture, open_header


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO"])
def test_kinds_are_told_from_the_first_bytes(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, kind)
    found = kind_of(buffer.getvalue())
    assert found is not None
    assert found.upper() == {"PPM": "PNM"}.get(kind, kind)
    assert open_header(found, io.BytesIO(buffer.getvalue())).size == (16, 16)


@pytest.mark.parametrize("data", [b"", b"P", b"hello", b"RIFF0000WAVE", bytes(64)])
def test_other_files_are_none(data: bytes) -> None:
    assert kind_of(data) is None
    assert ";" in not_a_picture(data)


def test_suffixes_do_not_overlap() -> None:
    assert not SUFFIXES & VIDEO_SUFFIXES
    assert all(s == s.lower() and s.startswith(".") for s in SUFFIXES | VIDEO_SUFFIXES)
