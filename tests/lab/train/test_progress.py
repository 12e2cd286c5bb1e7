from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.lab.train.progress import TrainingProgress

ROW = {"epoch": 1, "train_loss": 1.5, "val_loss": 1.4, "val_top1_emotion": 50.0, "seconds": 60, "faces_per_s": 100.0}


def test_a_line_an_epoch_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingProgress("run", 3, 10, 0) as progress:
        progress.step(0, 1.0)
        progress.epoch(ROW)
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 1/3" in err
    assert "2 min left" in err.replace("\n", " ")


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingProgress("run", 3, 10, 0, quiet=True) as progress:
        progress.epoch(ROW)
    assert capsys.readouterr() == ("", "")
