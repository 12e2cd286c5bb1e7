"""Peaks, and the faces cut out at them."""

from __future__ import annotations

import numpy as np

from mien.errors import MienError
from mien.runtime.series.peaks import SIDE, peaks, with_faces
from mien.runtime.series.people import Person

TIMES = [0, 1, 2, 3, 4, 5, 6]


def test_the_highest_come_first_and_keep_apart(track, join) -> None:
    table = join(
        track(TIMES, happiness=[0, 0.7, 0, 0.9, 0, 0.8, 0], fear=[0] * 7, frames=range(0, 70, 10)),
        track(TIMES, fear=[0, 0, 0.6, 0, 0, 0, 0], track=2, frames=range(0, 70, 10)),
    )
    found = peaks(table, gap=2)
    assert [(peak.person.track, peak.name, peak.time, peak.frame, peak.value) for peak in found] == [
        (1, "happiness", 1, 10, 0.7), (1, "happiness", 3, 30, 0.9), (1, "happiness", 5, 50, 0.8),
        (2, "fear", 2, 20, 0.6),
    ]  # fmt: skip
    assert [peak.time for peak in peaks(table, most=2, gap=2) if peak.person.track == 1] == [3, 5]
    assert [peak.time for peak in peaks(table, apart=2.5, gap=2) if peak.person.track == 1] == [3]
    assert peaks(table.drop(columns=[name for name in table if name in ("fear", "happiness")]).assign(anger=0.1)) == []


def test_faces_are_cut_from_their_frames(track) -> None:
    table = track(TIMES, happiness=[0, 0.7, 0, 0.9, 0, 0, 0])
    asked = []

    def frames_at(path: str, numbers: list[int]) -> dict[int, np.ndarray]:
        asked.append((path, list(numbers)))
        image = np.zeros((80, 80, 3), np.uint8)
        image[20:60, 10:40] = (0, 200, 0)
        return {3: image}  # frame 1 could not be decoded

    found = with_faces(peaks(table, gap=2), table, frames_at)
    assert asked == [("a.mp4", [1, 3])]
    assert found[0].face is None
    assert found[1].face is not None
    assert found[1].face.shape == (SIDE, SIDE, 3)
    assert found[1].face[SIDE // 2, SIDE // 2].tolist() == [0, 200, 0]


def test_without_the_video_peaks_have_no_faces(track) -> None:
    table = track(TIMES, happiness=[0, 0.7, 0, 0.9, 0, 0, 0])

    def gone(path: str, numbers: object) -> dict[int, np.ndarray]:
        raise MienError(f"{path}: no such file")

    assert [peak.face for peak in with_faces(peaks(table, gap=2), table, gone)] == [None, None]
    assert [peak.face for peak in with_faces(peaks(table, gap=2), table)] == [None, None]  # a.mp4 is not there
    assert peaks(table, gap=2)[0].person == Person("a.mp4", 1)
