"""Messages between the server and its decode workers: a line of JSON with its length before it, then bytes."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

HEAD = 65_536
"""Bytes of JSON at most."""


def write(stream: IO[bytes], head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    """Send one message and flush it."""
    text = json.dumps(head).encode()
    stream.write(struct.pack("<IQ", len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def read(stream: IO[bytes], most: int) -> tuple[dict[str, Any], bytearray]:
    """Receive one message whose body has at most that many bytes.

    Raises:
        EOFError: the other side is gone.
        ValueError: what no sender of ours writes.
    """
    head_size, size = struct.unpack("<IQ", _exactly(stream, 12))
    if head_size > HEAD or size > most:
        raise ValueError(f"a message of {head_size} and {size} bytes")
    head = json.loads(_exactly(stream, head_size))
    if not isinstance(head, dict):
        raise ValueError("a head that is no object")
    return head, _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        got = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError("the other side is gone")
        done += got
    return data
