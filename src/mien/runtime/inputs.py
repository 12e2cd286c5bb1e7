"""What `mien analyze` was pointed at: files, folders, globs and data sets -> pictures, sets and videos, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path, PurePath

from mien.images.kind import SUFFIXES, VIDEO_SUFFIXES
from mien.runtime.video.telling import is_video

SET_SUFFIXES = frozenset({".csv", ".parquet"})
"""Files of many faces; `load_dataset` tells what they are."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One file, perhaps missing, and the name of its annotated copy below the folder of copies."""

    path: Path
    copy: PurePath


@dataclass(frozen=True, slots=True)
class Inputs:
    """Pictures, data sets and videos, each in the order they were named."""

    pictures: tuple[Picture, ...]
    sets: tuple[Path, ...]
    videos: tuple[Path, ...] = ()


def gather(names: Iterable[str], *, recursive: bool = True, videos: bool = False) -> Inputs:
    """Resolve what was named; each file once.

    A folder stands for the pictures in it, with `videos` also the videos, by suffix, hidden ones left out, in the
    order of their paths. Without `videos`, a video that was named is kept among the pictures. A
    pattern that no file matches and a path that does not exist are kept, so that reading them says so.
    """
    pictures: dict[Path, Picture] = {}
    sets: dict[Path, None] = {}
    moving: dict[Path, None] = {}
    suffixes = SUFFIXES | VIDEO_SUFFIXES if videos else SUFFIXES
    for name in names:
        for path in _matches(name):
            if path.is_dir():
                inside = _files_in(path, recursive, suffixes)
                found = [Picture(p, p.relative_to(path)) for p in inside] or [Picture(path, PurePath(path.name))]
            elif path.suffix.lower() in SET_SUFFIXES and path.is_file():
                sets[path] = None
                continue
            else:
                found = [Picture(path, PurePath(path.name))]
            for picture in found:
                if videos and is_video(picture.path):
                    moving[picture.path] = None
                else:
                    pictures.setdefault(picture.path, picture)
    return Inputs(_distinct(pictures.values()), tuple(sets), tuple(moving))


def _matches(name: str) -> list[Path]:
    path = Path(name).expanduser()
    # a shell on Windows hands patterns on as they are; a file may also be called `a[1].jpg`
    if has_magic(name) and not path.exists():
        return [Path(p) for p in sorted(glob(str(path), recursive=True))] or [path]  # noqa: PTH207
    return [path]


def _files_in(folder: Path, recursive: bool, suffixes: frozenset[str]) -> list[Path]:
    files = folder.rglob("*") if recursive else folder.iterdir()
    return sorted(
        p
        for p in files
        if p.suffix.lower() in suffixes
        and not any(part.startswith(".") for part in p.relative_to(folder).parts)
        and p.is_file()
    )


def _distinct(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """Copies of a/x.jpg and b/x.jpg must not overwrite each other: the second becomes x-2.jpg."""
    taken: dict[str, int] = {}
    out = []
    for picture in pictures:
        key = str(picture.copy).lower()
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            copy = picture.copy.with_name(f"{picture.copy.stem}-{taken[key]}{picture.copy.suffix}")
            picture = Picture(picture.path, copy)
        out.append(picture)
    return tuple(out)
