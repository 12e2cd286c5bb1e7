from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.runtime.video.coded_video import write_video

from mien.runtime.video.decoding import Decoding, Position
from mien.runtime.video.opening import opened


class Counting:
    """A container that counts the packets it gives."""

    def __init__(self, container: Any) -> None:
        self._container, self.packets = container, 0

    def demux(self, stream: Any) -> Iterator[Any]:
        for packet in self._container.demux(stream):
            self.packets += 1
            yield packet

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


def test_going_on_decodes_a_few_frames_and_not_all(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(0, 200_000, 1000))
    with opened(path) as (container, stream):
        counting = Counting(container)
        found = next(iter(Decoding(counting, stream, Position(150, 149_000, 0))))
        assert (found.number, found.pts, found.error) == (150, 150_000, None)
        assert counting.packets < 40


def test_a_position_is_plain_data() -> None:
    assert Position(**Position(5, 1000, 0).as_dict()) == Position(5, 1000, 0)
