"""What a decode worker does: a picture's pixels, or a video's facts, or the reason why not."""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.images.kind import kind_of, not_a_picture, open_header
from mien.images.read import read_image
from mien.web.refusal import Refusal
from mien.web.sandbox.container import container_of


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video says of itself; None where it does not say."""

    width: int
    height: int
    duration: float | None  # seconds
    fps: float | None
    frames: int | None


def picture(data: bytes, max_pixels: int) -> NDArray[np.uint8]:
    """uint8 RGB (h, w, 3) as displayed.

    Raises:
        Refusal: 415 for what is no picture, 413 for too many pixels, 422 for a broken file.
    """
    kind = kind_of(data)
    if kind is None:
        if container_of(data[:512]):
            raise Refusal(415, "a video, not a picture; send it to /v1/jobs")
        raise Refusal(415, not_a_picture(data) if data else "an empty file; send a JPEG, PNG or WebP picture")
    try:
        width, height = open_header(kind, io.BytesIO(data)).size
    except MemoryError:
        raise
    except Exception:
        raise Refusal(422, f"a broken {kind} file; save or download it again") from None
    if width * height > max_pixels:
        raise Refusal(413, f"{width} x {height} pixels, more than the limit of {max_pixels:,}; shrink the picture")
    try:
        return read_image(data, max_pixels=max_pixels)
    except MienError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        raise Refusal(422, str(error).removeprefix("bytes: ")) from None


def video(path: str, container: str) -> Probe:
    """A video's facts, from its header, read by the demuxer of its kind alone.

    Args:
        path: of our own choosing, never a client's.
        container: from `container_of`.

    Raises:
        Refusal: 422 for a broken file, or one without a picture in it.
    """
    import av

    try:
        with av.open(path, format=container, options={"protocol_whitelist": "file"}) as opened:
            if not opened.streams.video:
                raise Refusal(422, "no pictures in this file, only sound; send a video")
            stream = opened.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            length = None
            if stream.duration is not None and stream.time_base is not None:
                length = float(stream.duration * stream.time_base)
            elif opened.duration is not None:
                length = opened.duration / av.time_base
            fps = float(rate) if rate else None
            frames = int(stream.frames) or None
            if frames is None and length and fps and math.isfinite(length * fps):
                frames = round(length * fps)
            return Probe(int(stream.width), int(stream.height), length, fps, frames)
    except (Refusal, MemoryError):
        raise
    except Exception:  # FFmpeg's errors and PyAV's own, of many kinds
        raise Refusal(422, "a broken or truncated video; export or download it again") from None


def done(task: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes | memoryview]:
    """The answer to one message: `{"shape"}` and pixels, `{"probe"}`, or `{"status", "error"}`."""
    try:
        if task["task"] == "video":
            return {"probe": asdict(video(task["path"], task["container"]))}, b""
        pixels = picture(body, task["max_pixels"])
        return {"shape": pixels.shape}, pixels.data.cast("B")
    except Refusal as refusal:
        return {"status": refusal.status, "error": refusal.message}, b""
    except MemoryError:
        return {"status": 413, "error": "needs too much memory to decode; shrink it", "spent": True}, b""
