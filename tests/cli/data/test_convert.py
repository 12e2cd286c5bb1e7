"""`mien data convert`: a data set in another form."""

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


def test_a_csv_of_a_folder_of_pictures(mien: Mien, women: Path, tmp_path: Path) -> None:
    done = mien("convert", women, "--out", tmp_path / "women.csv", "--json")
    assert done.exit_code == 0, done.output
    told, before, after = json.loads(done.stdout), load_dataset(women), load_dataset(tmp_path / "women.csv")
    assert (told["rows"], told["form"], told["side"]) == (len(before), "csv", 48)
    assert "subject" in told["left_out"]
    assert after.pixels is not None
    assert after.pixels.shape == (len(before), 48, 48)
    np.testing.assert_array_equal(after.hard("fer2013"), before.hard(told["labels"]))


def test_one_split_as_folders_without_an_emotion(mien: Mien, faces: str, tmp_path: Path) -> None:
    done = mien("convert", faces, "--out", tmp_path / "x", "--split", "test", "--drop", "contempt")
    assert done.exit_code == 0, done.output
    before, after = load_dataset(faces), load_dataset(tmp_path / "x")
    kept = (before.split == "Test") & (before.hard("synthetic") != 7)
    assert len(after) == kept.sum() > 0
    assert set(after.split) == {"Test"}
    assert not (tmp_path / "x/Test/contempt").exists()
    assert "no place for" in done.stderr
    assert f"{len(after)} faces as folders" in done.stdout


def test_parquet_of_another_size(mien: Mien, faces: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    done = mien("convert", faces, "--out", tmp_path / "x.parquet", "--side", "24", "-q")
    assert done.exit_code == 0, done.output
    assert not done.output
    after = load_dataset(tmp_path / "x.parquet")
    assert after.pixels is not None
    assert after.pixels.shape[1:3] == (24, 24)
    np.testing.assert_array_equal(after.hard("emotion"), load_dataset(faces).hard("synthetic"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "x.zip"), "end it in .csv or .parquet"),
        (("--out", "x.csv", "--side", "64"), "has 48 x 48"),
        (("--out", "x.csv", "--split", "nowhere"), "nowhere"),
        (("--out", "x.csv", "--labels", "ferplus"), "--drop unlabelled"),
        (("--out", "x.csv", "--labels", "rafdb"), "rafdb"),
    ],
)
def test_what_cannot_be_converted(
    mien: Mien, faces: str, tmp_path: Path, words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = mien("convert", faces, *words)
    assert isinstance(done.exception, MienError)
    assert message in str(done.exception)
    assert not list(tmp_path.iterdir())
