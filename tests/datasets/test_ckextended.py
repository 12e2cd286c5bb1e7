"""ckextended.csv, which looks like FER2013 and is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets import ckextended
from mien.datasets.load import load_dataset
from mien.errors import MienError


def make(path: Path, counts: tuple[int, ...]) -> Path:
    codes = [code for code, count in enumerate(counts) for _ in range(count)]
    usage = ["Training"] * (len(codes) - 10) + ["PublicTest"] * 5 + ["PrivateTest"] * 5
    texts = {code: " ".join([str(code)] * 2304) for code in range(8)}
    lines = [f"{code},{texts[code]},{word}" for code, word in zip(codes, usage, strict=True)]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n")
    return path


def test_known_by_its_counts(tmp_path: Path) -> None:
    faces = load_dataset(make(tmp_path / "ckextended.csv", ckextended.COUNTS), labels="ckplus")
    assert (faces.name, len(faces)) == ("ckplus", 920)
    hard = faces.hard("ckplus")
    assert faces.pixels is not None
    assert (faces.pixels[:, 0, 0] == hard).all()
    assert hard[-1] == 7
    assert {str(s) for s in faces.split} == {"Training", "PublicTest", "PrivateTest"}


def test_a_part_of_it_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="unknown label 7 for fer2013: 0 to 6"):
        load_dataset(make(tmp_path / "part.csv", (2, 2, 2, 2, 2, 2, 2, 3)))
    assert load_dataset(make(tmp_path / "fer.csv", (2, 2, 2, 2, 2, 2, 2, 0))).name == "fer2013"


def test_broken_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = (2, 1, 1, 1, 1, 1, 3, 1)
    monkeypatch.setattr(ckextended, "COUNTS", counts)
    path = make(tmp_path / "a.csv", counts)
    assert load_dataset(path).name == "ckplus"
    lines = path.read_text().splitlines()
    lines[3] = lines[3].replace("1 ", "999 ", 1)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(MienError, match=r"a.csv: row 2 \(line 4\): pixel 0 is 999, outside 0..255: "):
        load_dataset(path)
