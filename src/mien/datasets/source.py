"""What a reader of a published data set hands over before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mien.datasets.face_set import FaceSet


@dataclass(frozen=True, slots=True)
class Source:
    """What a folder was recognised as.

    Attributes:
        reader: its name, its version, and whatever beside the content decides what is read.
        read: reads it; `file` and `paths` are below the folder.
        files: whose content decides what is read ...
        content: ... or a hash that stands for it, where reading them all takes too long.
        readings: the settings that this set knows, see `address.READINGS`.
    """

    reader: str
    read: Callable[[], FaceSet]
    files: list[Path] = field(default_factory=list)
    content: str = ""
    readings: tuple[str, ...] = ()
