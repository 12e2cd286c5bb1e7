"""`mien data balance`: even classes in the training split, nothing else touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.errors import MienError

Mien = Callable[..., Result]


@pytest.mark.parametrize("to", ["max", "min", "median", "30"])
def test_the_training_split_is_even_and_the_others_are_whole(to: str, mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    done = mien("balance", faces, "--out", out, "--to", to, "--labels", "ferplus", "--json")
    assert done.exit_code == 0
    even, source = load_dataset(out), load_dataset(faces)
    training = even.hard("ferplus")[even.split == "Training"]
    counts = np.bincount(training[training >= 0], minlength=8)
    assert np.ptp(counts) == 0
    assert counts[0] > 0
    assert (training < 0).sum() == (source.hard("ferplus")[source.split == "Training"] < 0).sum()
    for split in ("Validation", "Test"):
        assert even.row[even.split == split].tolist() == np.flatnonzero(source.split == split).tolist()
    told = json.loads(done.stdout)
    assert told["after"]["imbalance"]["Training"] == 1
    assert told["before"]["classes"]["anger"]["all"] == (source.hard("ferplus") == 0).sum()


def test_for_people_as_a_table_and_a_chart(mien: Mien, faces: str, tmp_path: Path) -> None:
    done = mien("balance", faces, "--out", tmp_path / "a.csv", "--chart", tmp_path / "even.svg")
    assert "before: synthetic" in done.stdout
    assert "after: " in done.stdout
    drawn = (tmp_path / "even.svg").read_text(encoding="utf-8")
    assert "before, synthetic labels" in drawn
    assert "after: Training to max" in drawn


def test_a_class_without_rows_is_named_and_can_be_left_out(mien: Mien, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    assert mien("split", "synthetic:n=64,size=16", "--drop", "disgust", "--out", out).exit_code == 0
    done = mien("balance", out, "--out", tmp_path / "b.csv")
    assert isinstance(done.exception, MienError)
    assert "split Training, synthetic labels: no rows of disgust" in str(done.exception)
    assert mien("balance", out, "--out", tmp_path / "b.csv", "--drop", "disgust").exit_code == 0
    assert 1 not in load_dataset(tmp_path / "b.csv").hard("synthetic")


def test_an_index_may_be_evened_out_in_its_own_place(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    mien("split", faces, "--out", out)
    assert mien("balance", out, "--out", out, "--to", "min").exit_code == 0
    assert set(load_dataset(out).file.tolist()) == {"synthetic"}


def test_a_set_without_splits_is_evened_out_whole(mien: Mien, tmp_path: Path) -> None:
    rows = "".join(f'"synthetic:n=64,size=16",{row},\n' for row in range(64))
    (tmp_path / "i.csv").write_text("source,row,split\n" + rows)
    assert mien("balance", tmp_path / "i.csv", "--out", tmp_path / "o.csv", "--to", 10).exit_code == 0
    assert np.bincount(load_dataset(tmp_path / "o.csv").hard("synthetic")).tolist() == [10] * 8


def test_what_cannot_be(mien: Mien, faces: str, tmp_path: Path) -> None:
    for words in (("--to", "lots"), ("--split", "nope"), ("--chart", "x.gif")):
        assert isinstance(mien("balance", faces, "--out", tmp_path / "a.csv", *words).exception, MienError)
        assert not (tmp_path / "a.csv").exists()
