"""A file that stands in its place once it is whole, or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to, which takes the name `path` when the block ends, or goes when the block fails.

    It is beside `path`, in a folder that is made, and its name, which begins with a dot and ends in .part, is this
    thread's own: readers of the folder pass over it, and of two who write at once the later one stays.

    Raises:
        OSError: a folder that cannot be made, or a place that cannot be written, as the block met it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes | str) -> None:
    """Write bytes, or text in UTF-8, with `whole_file`; line ends stay as they are."""
    with whole_file(path) as part:
        part.write_bytes(data.encode() if isinstance(data, str) else data)
