"""Small videos whose frames say their own number, written by PyAV into a test's folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Draw = Callable[[int], NDArray[np.uint8]]
BITS = 8


def bars(number: int, height: int = 64, width: int = 128) -> NDArray[np.uint8]:
    """uint8 RGB: eight columns, white where the number has a bit, the highest at the left; a grey strip on top."""
    image = np.zeros((height, width, 3), np.uint8)
    step = width // BITS
    for bit in range(BITS):
        if number >> (BITS - 1 - bit) & 1:
            image[:, bit * step : (bit + 1) * step] = 255
    image[: height // 4] = 128
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """What `bars` drew, read off the lower half."""
    height, width = image.shape[:2]
    step = width // BITS
    centres = image[height * 3 // 4, step // 2 :: step, 1]
    return int(sum(1 << (BITS - 1 - i) for i, value in enumerate(centres) if value > 127))


def write_video(
    path: Path,
    pts: Sequence[int],
    *,
    unit: Fraction = Fraction(1, 30_000),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    draw: Draw = bars,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    sound: bool = False,
) -> Path:
    """A video with a frame at each presentation time, in units of `unit` seconds."""
    import av

    first = draw(0)
    with av.open(str(path), "w", options=container or {}) as file:
        stream = file.add_stream(codec, rate=30)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = pix_fmt
        stream.options = {"g": "12", **(options or {})}
        stream.codec_context.time_base = unit
        voice = file.add_stream("aac", rate=16_000) if sound else None
        for number, time in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame.pts, frame.time_base = time, unit
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if voice is not None:
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
            tone.rate = 16_000
            file.mux(voice.encode(tone))
            file.mux(voice.encode())
    return path


def turned(path: Path, degrees: int) -> Path:
    """The same MP4 with a display matrix that turns it clockwise by 90, 180 or 270 degrees, as phones write it."""
    matrix = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 16  # version and flags, times and ids, layer and volume
    a, b, c, d = (value * 65_536 for value in matrix)
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in (a, b, 0, c, d, 0, 0, 0, 1 << 30))
    path.write_bytes(data)
    return path
