"""A video's rows, frame by frame, within the server's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.analyzer import Analyzer


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """How a video is looked at, and how much of it at most."""

    every: int = 1
    fps: float | None = None
    detect_every: int = 1
    max_pixels: int = 25_000_000  # of a frame; a larger one is a row with this reason
    max_duration: float = 3600  # seconds
    max_frames: int = 200_000


def video_rows(analyzer: Analyzer, path: Path, options: VideoOptions) -> Iterator[Faces]:
    """One Faces a frame that is looked at, in constant memory.

    Raises:
        MienError: no video, or one beyond a limit: what its header says is not believed.
    """
    found = analyzer.video(path, every=options.every, fps=options.fps, detect_every=options.detect_every)
    first: float | None = None
    for faces in found:
        if faces.frame is not None and faces.frame >= options.max_frames:
            raise MienError(f"more than {options.max_frames:,} frames; cut the video")
        if faces.time is not None:
            first = faces.time if first is None else first
            if faces.time - first > options.max_duration:
                raise MienError(f"longer than {options.max_duration:g} s; cut the video")
        yield faces
