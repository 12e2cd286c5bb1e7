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


def test_what_a_method_tells_of_its_heads(capsys: pytest.CaptureFixture[str]) -> None:
    row = {**ROW, "val_f1_units": 61.5, "val_f1_AU06": 70.0, "val_ccc_affect": 0.25}
    with TrainingProgress("run", 3, 10, 0, told=("val_f1_units", "val_ccc_affect")) as progress:
        progress.epoch(row)
    line = capsys.readouterr().err.replace("\n", " ")
    assert "f1_units 61.5" in line
    assert "ccc_affect 0.25" in line
    assert "AU06" not in line


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingProgress("run", 3, 10, 0, quiet=True) as progress:
        progress.epoch(ROW)
    assert capsys.readouterr() == ("", "")
