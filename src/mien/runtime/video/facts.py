"""What a video file says of itself, before it is decoded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mien.errors import MienError
from mien.runtime.video.opening import first_line, opened


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A video's header. Files lie: what is decoded counts.

    Attributes:
        width, height: of the pictures as displayed, in pixels, rotation applied.
        fps: frames a second on average, or None where the container does not say.
        duration: seconds, or None.
        frames: how many, as the container says or by duration and fps; None where neither is known.
        rotation: degrees, anticlockwise, by which the stored pictures are turned for display: 0, 90, 180 or 270.
        audio: whether there is sound.
        codec: FFmpeg's name of the pictures' coding.
    """

    width: int
    height: int
    fps: float | None
    duration: float | None
    frames: int | None
    rotation: int
    audio: bool
    codec: str


def video_facts(path: str | os.PathLike[str]) -> VideoFacts:
    """A video's header; its first frame is decoded, since the rotation stands there.

    Raises:
        MienError: no video, or one that cannot be read.
    """
    import av

    with opened(path) as (container, stream):
        context = stream.codec_context
        width, height, turn = context.width, context.height, 0
        try:
            first = next(iter(container.decode(stream)))
            width, height, turn = first.width, first.height, rotation_of(first)
        except (av.FFmpegError, StopIteration, OSError) as error:
            if not width or not height:
                raise MienError(
                    f"{os.fspath(path)}: no frame of it can be decoded ({first_line(error)}); copy or convert it again"
                ) from error
        rate = stream.average_rate or stream.guessed_rate
        seconds = _seconds(container, stream)
        if turn in (90, 270):
            width, height = height, width
        return VideoFacts(
            width=width,
            height=height,
            fps=float(rate) if rate else None,
            duration=seconds,
            frames=_frames(stream, seconds, rate),
            rotation=turn,
            audio=bool(container.streams.audio),
            codec=str(context.name),
        )


def rotation_of(frame: Any) -> int:
    """Quarter turns in degrees, anticlockwise, that a PyAV frame is displayed with; mirroring is not applied."""
    turn = round(float(getattr(frame, "rotation", 0) or 0) / 90) * 90
    return turn % 360


def _seconds(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None  # FFmpeg's containers count microseconds


def _frames(stream: Any, seconds: float | None, rate: Fraction | None) -> int | None:
    if stream.frames:
        return int(stream.frames)
    return max(round(seconds * rate), 1) if seconds and rate else None
