from __future__ import annotations

from pathlib import Path

from tests.runtime.video.coded_video import number_of, write_video

from mien.runtime.video.at import frames_at


def test_frames_by_number(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [1000 * i + 300 * (i % 2) for i in range(40)])
    found = frames_at(path, [17, 3, 3, 39, 99])
    assert {number: number_of(image) for number, image in found.items()} == {3: 3, 17: 17, 39: 39}
    assert frames_at(path, []) == {}
