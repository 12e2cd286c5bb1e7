from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.train.run_folder import RunFolder


def test_a_folder_in_use_is_never_overwritten(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.start("a = 1\n", resume=False)
    with pytest.raises(MienError, match="--resume goes on with it"):
        folder.start("a = 1\n", resume=False)
    folder.start("a = 1\n", resume=True)
    with pytest.raises(MienError, match="differs from the recipe given"):
        folder.start("a = 2\n", resume=True)


def test_log_is_written_whole(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.write_log([{"epoch": 1, "train_loss": 0.5}])
    folder.write_log([{"epoch": 1, "train_loss": 0.5}, {"epoch": 2, "train_loss": 0.25}])
    assert folder.log.read_text() == "epoch,train_loss\n1,0.5\n2,0.25\n"
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]
