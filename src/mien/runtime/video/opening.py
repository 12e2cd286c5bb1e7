"""Opening a video file, or saying in one line why it is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.images.kind import kind_of, not_a_picture

HEAD = 4096
"""Bytes looked at to tell a picture from a video."""


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[Any, Any]]:
    """PyAV's container and its first moving-picture stream; closed at the end.

    Raises:
        MienError: no such file, a picture, a file without moving pictures, or none that can be read.
    """
    import av

    name = os.fspath(path)
    _look_at(Path(name), name)
    try:
        # `file:` keeps a name such as `concat:a|b` or `http://...` from being taken for a protocol
        container = av.open(f"file:{name}", metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MienError(f"{name}: not a video that can be read ({first_line(error)}); convert it to MP4") from error
    try:
        streams = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not streams:
            what = "sound only, no moving pictures" if container.streams.audio else "no moving pictures in it"
            raise MienError(f"{name}: {what}; give a video file")
        if streams[0].codec_context is None:
            raise MienError(f"{name}: its pictures are coded in a way not known here; convert it to MP4 (H.264)")
        yield container, streams[0]
    finally:
        container.close()


def _look_at(path: Path, name: str) -> None:
    """Raise where the first bytes already say that this is no video."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError as error:
        raise MienError(f"{name}: no such file; check the path") from error
    except IsADirectoryError as error:
        raise MienError(f"{name}: a folder, not a video; name a file in it") from error
    except (OSError, ValueError) as error:
        raise MienError(f"{name}: cannot be read ({first_line(error)}); check the path") from error
    if not head:
        raise MienError(f"{name}: the file is empty; copy or download it again")
    if (kind := kind_of(head)) is not None:
        raise MienError(f"{name}: a {kind} picture, not a video; analyse it as a picture")
    if (said := not_a_picture(head)).startswith(("HEIC", "a PDF", "text")):
        raise MienError(f"{name}: {said.partition(';')[0].partition(',')[0]}, not a video; give a video file")


def _is_cover(stream: Any) -> bool:
    """Whether a stream is the cover picture of a piece of music."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def first_line(error: BaseException) -> str:
    """An error's reason in a few words, without the file's name that FFmpeg repeats."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0].partition(": 'file:")[0][:120]
