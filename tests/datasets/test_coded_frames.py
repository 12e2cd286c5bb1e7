"""Codes of frames, joined to pictures."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.coded_frames import CodedVideo, coded_frames
from mien.errors import MienError


def video(*frames: int, strong: bool = False) -> CodedVideo:
    codes = np.float32([[frame % 2, 0] for frame in frames])
    return CodedVideo(np.array(frames), codes, codes * 4 if strong else None)


def test_rows_by_number_and_not_by_place(capsys: pytest.CaptureFixture[str]) -> None:
    videos = {"b": video(2, 5, 9, strong=True), "a": video(1)}
    pictures = {"b": [(1, "b1"), (5, "b5"), (9, "b9"), (12, "b12")], "a": [(1, "a1")], "c": [(1, "c1")]}
    faces = coded_frames("x", ("AU01", "AU02"), videos, pictures)
    assert faces.paths is not None
    assert faces.paths.tolist() == ["a1", "b5", "b9"]
    assert faces.group.tolist() == ["a", "b", "b"]
    assert faces.targets["action_units"][:, 0].tolist() == [1, 1, 1]
    np.testing.assert_array_equal(faces.targets["intensity"][:, 0], np.float32([np.nan, 4, 4]))
    assert capsys.readouterr().err == (
        "mien: note: x left out: 1 coded frames without a picture and 3 pictures without codes\n"
    )
    assert "intensity" not in coded_frames("x", ("AU01", "AU02"), {"a": video(1)}, pictures).targets


def test_nothing_in_common() -> None:
    with pytest.raises(MienError, match="x: 2 coded frames and none of them among the pictures"):
        coded_frames("x", ("AU01", "AU02"), {"a": video(1, 2)}, {"a": [(3, "a3")]})
