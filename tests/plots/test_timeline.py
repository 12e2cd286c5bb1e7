"""Emotions over time, drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mien.errors import MienError
from mien.labels import SEVEN
from mien.plots.timeline import PANELS, plot_timeline
from mien.runtime.series.peaks import Peak
from mien.runtime.series.people import Person
from mien.runtime.series.read import checked


def table(tracks: int = 1, frames: int = 30, abstain: bool = False) -> pd.DataFrame:
    rows = []
    for track in range(tracks):
        for frame in range(frames):
            if 10 <= frame < 15:
                continue
            p = 0.5 + 0.45 * np.sin(frame / 4 + track)
            rows.append(
                {
                    "input": "dir/talk.mp4", "frame": frame, "time": frame / 10, "track": track, "success": 1,
                    **dict.fromkeys(SEVEN, 0.0), "happiness": p, "neutral": 1 - p, "emotion": "happiness",
                    "abstain": int(abstain and frame > 20),
                }
            )  # fmt: skip
    rows += [
        {"input": "dir/talk.mp4", "frame": frame, "time": frame / 10, "track": None, "success": 0}
        for frame in range(10, 15)
    ]
    return checked(pd.DataFrame(rows))


def test_panels_emotions_and_peaks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.svg"
    face = np.full((96, 96, 3), 128, np.uint8)
    peaks = [
        Peak(Person("dir/talk.mp4", 1), "happiness", 0.4, 4, 0.95, face),
        Peak(Person("dir/talk.mp4", 1), "happiness", 0.5, 5, 0.91),
    ]
    assert plot_timeline(table(2), path, peaks=peaks, title="A talk") == 2
    text = path.read_text()
    for said in (
        "track 0",
        "track 1",
        "talk.mp4",
        "A talk",
        "happiness 95 %",
        "happiness 91 %",
        "face not seen",
        "<image",
    ):
        assert said in text
    assert "dir/" not in text
    assert "declined" not in text
    plot_timeline(table(1, abstain=True), path, kind="lines")
    assert "declined to name" in path.read_text()


def test_gaps_are_white(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "t.png"
    plot_timeline(table(1), path)
    image = np.asarray(Image.open(path).convert("RGB")).astype(int)
    amber = np.array((238, 186, 76))
    columns = np.flatnonzero((np.abs(image - amber).max(axis=2) < 3).any(axis=0))
    columns = columns[columns < 0.8 * image.shape[1]]  # the legend stands at the right
    holes = np.flatnonzero(np.diff(columns) > 5)
    assert len(holes) == 1
    span = columns.max() - columns.min()
    hole = columns[holes[0] + 1] - columns[holes[0]]
    assert hole / span == pytest.approx(0.5 / 3, abs=0.02)  # 5 of 30 frames


def test_many_faces_and_none(tmp_path: Path) -> None:
    path = tmp_path / "t.svg"
    assert plot_timeline(table(PANELS + 2, 16), path) == PANELS + 2
    assert path.read_text().count("talk.mp4") == PANELS
    with pytest.raises(MienError, match="no face with emotions"):
        plot_timeline(table(0), path)
    with pytest.raises(MienError, match="one of area, lines"):
        plot_timeline(table(), path, kind="pie")
