"""The file formats of the table by name, and opening a writer for one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol, TypeAlias

from mien.errors import MienError
from mien.faces import Faces
from mien.model_spec import ModelSpec
from mien.runtime.probabilities import answering, unit_names
from mien.table import columns


@dataclass(frozen=True, slots=True)
class Header:
    """What a table is of: the same for all its rows."""

    model: str
    labels: str  # the label scheme that the emotions were trained on
    detector: str
    affect: bool = False
    action_units: tuple[str, ...] = ()  # whose probability is said
    intensity: tuple[str, ...] = ()  # whose intensity is said

    @property
    def columns(self) -> tuple[str, ...]:
        return columns(affect=self.affect, action_units=self.action_units, intensity=self.intensity)

    @property
    def units(self) -> str:
        """What the table's columns of units hold: `probability`, `intensity` where nothing else is said, or ""."""
        return "probability" if self.action_units else "intensity" if self.intensity else ""

    @classmethod
    def of(cls, spec: ModelSpec, detector: str) -> Header:
        """The header of what a model finds."""
        emotions = answering(spec)
        return cls(
            model=spec.name,
            labels=emotions.trained_on if emotions else "",
            detector=detector,
            affect=any(head.kind == "valence_arousal" for head in spec.heads),
            action_units=unit_names(spec),
            intensity=unit_names(spec, ("intensity",)),
        )


Mark: TypeAlias = "Mapping[str, int]"
"""Where a table stands, for JSON: `offset` in bytes, and what its writer counts."""


class Writer(Protocol):
    """Takes results one by one, so that what was written before a crash is not lost.

    `mark` writes out what it holds and says where the table stands; a writer opened with that mark cuts off what
    comes behind it and goes on. `close(finished=False)` keeps what going on needs.
    """

    def write(self, faces: Faces) -> None: ...
    def mark(self) -> dict[str, int]: ...
    def close(self, *, finished: bool = True) -> None: ...


class Maker(Protocol):
    """Opens a writer; with a mark, one that goes on from there."""

    def __call__(self, path: Path | None, header: Header, mark: Mark | None = None) -> Writer: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A registered format; `make(None, header)` writes to standard output where `streams` is true."""

    name: str
    about: str
    make: Maker
    suffixes: tuple[str, ...]
    streams: bool


_FORMATS: dict[str, Format] = {}


def table_format(
    name: str, about: str, *, suffixes: Sequence[str] = (), streams: bool = True
) -> Callable[[Maker], Maker]:
    """Register a maker of writers under a format's name."""

    def register(make: Maker) -> Maker:
        _FORMATS[name] = Format(name, about, make, tuple(suffixes), streams)
        return make

    return register


def formats() -> Mapping[str, Format]:
    """Every format by name."""
    return MappingProxyType(_FORMATS)


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for.

    Raises:
        MienError: a suffix that stands for none.
    """
    for entry in _FORMATS.values():
        if path.suffix.lower() in entry.suffixes:
            return entry.name
    raise MienError(f"{path}: no format goes by {path.suffix or 'no suffix'}; add --format {'|'.join(_FORMATS)}")


def open_writer(name: str, path: Path | None, header: Header, mark: Mark | None = None) -> Writer:
    """A writer to a file, its folder made where needed, or to standard output for None.

    Args:
        mark: of a writer of the same format, file and header; the file is cut off there and written further.

    Raises:
        MienError: an unknown format, one that needs a file, a file that cannot be written, or one that is shorter
            than its mark.
    """
    if name not in _FORMATS:
        raise MienError(f"unknown format {name!r}: one of {', '.join(_FORMATS)}")
    if path is None and not _FORMATS[name].streams:
        raise MienError(f"format {name} is not text; name a file with --out")
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        return _FORMATS[name].make(path, header, mark)
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another --out") from error


def open_text(path: Path | None, mark: Mark | None = None) -> IO[str]:
    """A text file for writing, line ends left to the writer; standard output for None.

    Raises:
        MienError: a file that ends before its mark.
        OSError: a file that cannot be written.
    """
    if path is None:
        return sys.stdout
    if mark is None:
        return path.open("w", encoding="utf-8", newline="")
    stream = path.open("r+", encoding="utf-8", newline="")
    if os.fstat(stream.fileno()).st_size < mark["offset"]:
        stream.close()
        raise MienError(f"{path}: shorter than when it was left; start again without --resume")
    stream.truncate(mark["offset"])
    stream.seek(mark["offset"])
    return stream


def offset_of(stream: IO[str]) -> int:
    """Write out what a text file holds; its length in bytes, 0 for what has none, such as a pipe."""
    stream.flush()
    return 0 if stream is sys.stdout else os.fstat(stream.fileno()).st_size


def close_text(stream: IO[str]) -> None:
    """Close a file; only flush standard output, which is not ours."""
    if stream is sys.stdout:
        stream.flush()
    else:
        stream.close()
