"""First lines of files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mien.datasets.csv_header import read_header
from mien.errors import MienError


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"emotion,pixels,Usage\n", ("emotion", "pixels", "Usage")),
        (b"\xef\xbb\xbfemotion, Usage, pixels\r\n0", ("emotion", "Usage", "pixels")),
        (b'"emotion";"pixels"\n', ("emotion", "pixels")),
        (b"emotion\tpixels", ("emotion", "pixels")),
        (b"pixels\n", ("pixels",)),
    ],
)
def test_names(tmp_path: Path, line: bytes, names: tuple[str, ...]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(line)
    header = read_header(path)
    assert header.names == names
    assert header.find("pixels") == names.index("pixels")
    assert header.find("usage", "split") == (names.index("Usage") if "Usage" in names else None)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (gzip.compress(b"emotion,pixels", mtime=0), "packed with gzip: unpack it first"),
        (b"PK\x03\x04abc", "packed with zip"),
        ("emotion,pixels\n".encode("utf-16"), "UTF-16: save it as UTF-8"),
        (b"\x7fELF\x00\x01", "binary, not a CSV file"),
        ("émotion,pixels\n".encode("latin-1"), "line 1 is not UTF-8 text"),
    ],
)
def test_what_is_no_csv(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(content)
    with pytest.raises(MienError, match=what) as caught:
        read_header(path)
    assert str(caught.value).startswith(f"{path}: ")
