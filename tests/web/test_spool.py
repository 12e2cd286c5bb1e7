from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mien.web.refusal import Refusal
from mien.web.spool import Spool


def test_the_folder_is_private_and_goes_with_the_server(tmp_path: Path) -> None:
    spool = Spool(100, tmp_path)
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    spool.new().write_bytes(b"x")
    with spool.folder_for() as folder:
        (folder / "y").write_bytes(b"y")
    assert not folder.exists()
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_all_uploads_together_are_bounded(tmp_path: Path) -> None:
    spool = Spool(100, tmp_path)
    spool.take(60)
    with pytest.raises(Refusal) as refused:
        spool.take(41)
    assert refused.value.status == 429
    spool.give_back(60)
    spool.take(100)
    assert spool.used == 100
    spool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_what_a_crashed_server_left_is_removed_and_a_living_ones_stays(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\nfrom mien.web.spool import Spool\n"
        "Spool(100, pathlib.Path(sys.argv[1])).new().write_bytes(b'x')\nos._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (crashed,) = tmp_path.iterdir()
    first = Spool(100, tmp_path)
    assert not crashed.exists()
    second = Spool(100, tmp_path)
    assert first.folder.exists()
    (tmp_path / "mien-serve-link").symlink_to(first.folder)
    third = Spool(100, tmp_path)
    assert first.folder.exists()
    for spool in (first, second, third):
        spool.close()
