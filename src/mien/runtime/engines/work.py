"""What an engine hands out: files, each a piece of work, and the analyzer's settings as plain data."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.detect.registry import THRESHOLD
from mien.images.read import MAX_PIXELS
from mien.runtime import catalog
from mien.runtime.video.telling import is_video


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the rows of a file: `Analyzer`'s arguments, then those of `Analyzer.video`.

    `threads` is one: processes share the cores, threads within them would only wait for each other.
    """

    model: str = catalog.DEFAULT
    detector: str = "auto"
    min_face: float = 0
    detect_size: int | None = None
    threshold: float = THRESHOLD
    yunet: str | None = None
    batch: int = 32
    max_pixels: int = MAX_PIXELS
    threads: int = 1
    every: int = 1
    fps: float | None = None
    detect_every: int = 1
    track: bool = True
    link_cuts: bool = False

    def analyzer(self) -> dict[str, Any]:
        """Keyword arguments of `Analyzer`."""
        names = ("model", "detector", "min_face", "detect_size", "threshold", "yunet", "batch", "max_pixels", "threads")
        return {name: getattr(self, name) for name in names}

    def video(self) -> dict[str, Any]:
        """Keyword arguments of `Analyzer.video`."""
        return {name: getattr(self, name) for name in ("every", "fps", "detect_every", "track", "link_cuts")}


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: its place in the table, its name there, where it lies, and whether it is a video."""

    number: int
    name: str
    path: str
    video: bool


def pieces_of(files: Iterable[str | os.PathLike[str]]) -> tuple[Piece, ...]:
    """Each file as a piece, in their order. Paths are made absolute, since a worker may stand elsewhere."""
    names = [os.fspath(file) for file in files]
    return tuple(Piece(i, name, str(Path(name).absolute()), is_video(Path(name))) for i, name in enumerate(names))


def fingerprint(pieces: Sequence[Piece]) -> str:
    """SHA-256 over names, sizes and times of change: whether a resumed run is still of the same files."""
    digest = hashlib.sha256()
    for piece in pieces:
        try:
            seen = Path(piece.path).stat()
            facts = f"{seen.st_size} {seen.st_mtime_ns}"
        except (OSError, ValueError):
            facts = "-"
        digest.update(f"{piece.name}\0{facts}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
