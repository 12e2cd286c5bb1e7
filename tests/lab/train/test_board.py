from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mien.lab.train.board import open_board, put


def test_a_run_that_goes_on_takes_back_what_a_killed_one_wrote(tmp_path: Path) -> None:
    board = open_board(tmp_path, 0)
    for epoch, loss in ((1, 0.5), (2, 9.0)):
        put(board, {"epoch": epoch, "train_loss": loss, "val_top1": 10.0 * epoch, "word": "x"})
    board.close()  # killed after the second epoch's numbers, before its state
    board = open_board(tmp_path, 1)
    put(board, {"epoch": 2, "train_loss": 0.25, "val_top1": 30.0})
    board.close()
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(e.step, e.value) for e in events.Scalars("train_loss")] == [(1, 0.5), (2, 0.25)]
    assert [e.value for e in events.Scalars("validation/top1")] == [10.0, 30.0]
    put(None, {"epoch": 1, "train_loss": 0.5})
