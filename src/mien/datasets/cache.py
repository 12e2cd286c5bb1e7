"""Data sets once read, kept beside a hash of what they were read from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.digest import digest_of
from mien.errors import MienError
from mien.whole_file import whole_file

FORMAT = 1
"""How a FaceSet is written here; raised when that changes."""

LIMIT = 4 << 30
"""Bytes that the kept sets may take; those not used for longest go first."""

_SETTLED = 2.0  # seconds: a file changed this recently may change again without a new time stamp
_ARRAYS = (
    "pixels",
    "paths",
    "votes",
    "weight",
    "split",
    "subject",
    "group",
    "box",
    "file",
    "row",
    "made_from",
)


def cache_dir() -> Path:
    """Where mien keeps what it can make again: MIEN_CACHE, or the platform's place for caches."""
    if named := os.environ.get("MIEN_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "mien" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mien"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mien"


def content_hash(path: Path, *, remember: bool = True) -> str:
    """sha256 of a file in hexadecimal, as `sha256sum` prints it.

    It is remembered by path, size and time of change, so that an unchanged file is not read again.

    Raises:
        MienError: a file that is missing or cannot be read.
    """
    try:
        stat = path.stat()
        known = f"{path.absolute()}\n{stat.st_size}\n{stat.st_mtime_ns}"
        note = _folder() / "seen" / hashlib.sha256(known.encode("utf-8", "surrogateescape")).hexdigest()
        if remember and (found := _read_note(note)):
            return found
        digest = digest_of(path)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: give a file that can be read") from error
    if remember and time.time() - stat.st_mtime > _SETTLED:
        with contextlib.suppress(OSError), whole_file(note) as part, part.open("wb") as file:
            file.write(digest.encode())
    return digest


def tree_hash(root: Path, files: Iterable[Path], *, remember: bool = True) -> str:
    """sha256 over the lines that `sha256sum` would print for these files, paths relative to `root`.

    Remembered by all their paths, sizes and times of change.
    """
    files = sorted(files)
    known = hashlib.sha256(str(root.absolute()).encode("utf-8", "surrogateescape"))
    newest = 0.0
    for path in files:
        try:
            stat = path.stat()
        except OSError as error:
            raise MienError(f"{path}: {error.strerror or error}: give files that can be read") from error
        newest = max(newest, stat.st_mtime)
        name = path.relative_to(root).as_posix()
        known.update(f"{name}\n{stat.st_size}\n{stat.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    note = _folder() / "seen" / known.hexdigest()
    if remember and (found := _read_note(note)):
        return found
    whole = hashlib.sha256()
    for path in files:
        line = f"{content_hash(path, remember=False)}  {path.relative_to(root).as_posix()}\n"
        whole.update(line.encode("utf-8", "surrogateescape"))
    if remember and time.time() - newest > _SETTLED:
        with contextlib.suppress(OSError), whole_file(note) as part, part.open("wb") as file:
            file.write(whole.hexdigest().encode())
    return whole.hexdigest()


def cached(content: str, reader: str, read: Callable[[], FaceSet], *, enabled: bool = True) -> FaceSet:
    """What `read` returns, from the cache if it was kept there; `content` becomes the set's.

    A damaged entry is made again, and a cache that cannot be written is no error.

    Args:
        content: hash of the source.
        reader: name and version of what reads it, and whatever beside the content decides what comes out.
        read: reads the source.
        enabled: False neither looks into the cache nor writes it.
    """
    if not enabled:
        return read().replace(content=content)
    entry = _folder() / f"{hashlib.sha256(f'{content} {reader} {FORMAT}'.encode()).hexdigest()[:40]}.npz"
    try:
        faces = _load(entry)
        with contextlib.suppress(OSError):
            os.utime(entry)  # used now: see LIMIT
        return faces
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        pass  # damaged: made again below
    faces = read().replace(content=content)
    with contextlib.suppress(OSError):
        with whole_file(entry) as part, part.open("wb") as file:
            _save(file, faces)
        _prune(entry)
    return faces


def _folder() -> Path:
    return cache_dir() / "datasets"


def _read_note(note: Path) -> str | None:
    try:
        text = note.read_text("ascii")
    except (OSError, ValueError):
        return None
    return text if len(text) == 64 else None


def _save(file: IO[bytes], faces: FaceSet) -> None:
    about = {"name": faces.name, "action_units": faces.action_units, "content": faces.content}
    arrays: dict[str, Any] = {f"field {name}": getattr(faces, name) for name in _ARRAYS}
    arrays = {name: value for name, value in arrays.items() if value is not None}
    arrays |= {f"target {name}": value for name, value in faces.targets.items()}
    np.savez(file, about=np.array(json.dumps(about)), **arrays)


def _load(entry: Path) -> FaceSet:
    with np.load(entry, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        return FaceSet(
            name=about["name"],
            action_units=tuple(about["action_units"]),
            content=about["content"],
            targets={n.removeprefix("target "): stored[n] for n in stored.files if n.startswith("target ")},
            **{n.removeprefix("field "): stored[n] for n in stored.files if n.startswith("field ")},
        )


def _prune(keep: Path) -> None:
    entries = sorted(_folder().glob("*.npz"), key=lambda p: p.stat().st_mtime, reverse=True)
    total = 0
    for entry in entries:
        total += entry.stat().st_size
        if total > LIMIT and entry != keep:
            entry.unlink(missing_ok=True)
