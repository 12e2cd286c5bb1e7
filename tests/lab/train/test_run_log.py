from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from mien.lab.train.run_log import RunLog


def test_lines_have_their_time_and_are_added(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    RunLog(path).say("started")
    RunLog(path).say("resumed after epoch 1; größer")  # another process, after a kill
    first, second = path.read_text(encoding="utf-8").splitlines()
    stamp, text = first.split("  ", 1)
    assert text == "started"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", stamp)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert abs((now - datetime.datetime.fromisoformat(stamp)).total_seconds()) < 60
    assert second.endswith("  resumed after epoch 1; größer")


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    RunLog(None).say("unheard")
    assert list(tmp_path.iterdir()) == []
