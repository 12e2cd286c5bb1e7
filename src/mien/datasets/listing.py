"""The files of a large folder by name, size and time, without opening one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mien.images.kind import SUFFIXES


@dataclass(frozen=True, slots=True)
class Listing:
    """Files below a folder, sorted by name.

    Attributes:
        names: their paths below the folder, with /.
        sizes: bytes.
        times: of the last change, nanoseconds.
    """

    names: list[str]
    sizes: list[int]
    times: list[int]

    def hash(self, *, times: bool = False) -> str:
        """sha256 over names and sizes: enough for pictures that nobody edits, and half a million take a second.

        Args:
            times: also over the times of change, by which a file edited to the same size is known.
        """
        columns = [self.names, self.sizes, *([self.times] if times else [])]
        lines = (" ".join(map(str, line)) for line in zip(*columns, strict=True))
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def listed(root: Path, *below: str, suffixes: frozenset[str] = SUFFIXES) -> Listing:
    """Files with one of these suffixes in `root`'s folders `below`, at any depth; hidden ones are passed over."""
    found: list[tuple[str, int, int]] = []
    for name in below:
        _gather(str(root / name), f"{name}/", suffixes, found)
    found.sort()
    return Listing([name for name, _, _ in found], [size for _, size, _ in found], [time for _, _, time in found])


def some_pictures(root: Path, count: int = 20) -> list[Path]:
    """The first pictures that a walk through a folder meets: by their names a set may be known."""

    def walk() -> Iterator[Path]:
        for where, folders, files in os.walk(root):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
            yield from (Path(where, f) for f in files if is_picture(f))

    return list(islice(walk(), count))


def pictures_below(root: Path) -> list[Path]:
    """Every picture in a folder by its ending, at any depth, sorted; hidden files and folders are passed over."""
    found = []
    for where, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith((".", "__"))]
        found += [Path(where, f) for f in files if is_picture(f)]
    return sorted(found)


def is_picture(name: str) -> bool:
    """Whether a file's name ends as a picture's does; macOS archives leave hidden `._` twins."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122  # a Path a file is slow


def _gather(folder: str, prefix: str, suffixes: frozenset[str], found: list[tuple[str, int, int]]) -> None:
    """Append (name, size, time) of each file; a list and no generator, for there are half a million."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            name = entry.name
            if name.startswith((".", "__")):
                continue
            if entry.is_dir():
                _gather(entry.path, f"{prefix}{name}/", suffixes, found)
            elif name[name.rfind(".") :].lower() in suffixes:
                stat = entry.stat()
                found.append((prefix + name, stat.st_size, stat.st_mtime_ns))
