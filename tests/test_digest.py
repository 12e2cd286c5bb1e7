from __future__ import annotations

from pathlib import Path

import pytest

from mien.digest import digest_of


def test_digest_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert digest_of(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_file_of_many_pieces(tmp_path: Path) -> None:
    (tmp_path / "letters").write_bytes(b"a" * 1_000_000)  # NIST's own example of a long message
    assert digest_of(tmp_path / "letters") == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest_of(tmp_path / "missing")
