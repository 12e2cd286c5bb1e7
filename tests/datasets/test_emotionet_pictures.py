"""Pictures by the names at the end of URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.emotionet_pictures import found_pictures
from mien.errors import MienError

ROOT = Path("set")


def test_by_folders_where_names_are_shared() -> None:
    urls = [("http://h/x/1.jpg", ""), ("http://h/y/1.jpg", ""), ("http://h/z/2.jpg", "")]
    rows, files = found_pictures(ROOT, urls, ["p/x/1.jpg", "p/y/1.jpg", "p/2.jpg"])
    assert rows.tolist() == [0, 1, 2]
    assert files.tolist() == ["p/x/1.jpg", "p/y/1.jpg", "p/2.jpg"]


def test_rows_and_pictures_that_cannot_be_told_apart_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    # two rows claim one picture; one row could be either of two; one is not there; one stands twice
    urls = [("h/x/1.jpg", ""), ("h/y/1.jpg", ""), ("h/q/3.jpg", ""), ("h/4.jpg", ""), ("h/5.jpg", ""), ("h/5.jpg", "")]
    rows, files = found_pictures(ROOT, urls, ["1.jpg", "a/3.jpg", "b/3.jpg", "5.jpg"])
    assert (rows.tolist(), files.tolist()) == ([4, 5], ["5.jpg", "5.jpg"])
    told = capsys.readouterr().err
    assert told == (
        "mien: note: of 6 EmotioNet rows left out: 1 whose picture is not there, 3 whose picture has another's name\n"
    )


def test_none_there() -> None:
    with pytest.raises(MienError, match=r"set: none of EmotioNet's 1 pictures is in this folder.*such as 1.jpg"):
        found_pictures(ROOT, [("http://h/1.jpg", "")], ["2.jpg"])
