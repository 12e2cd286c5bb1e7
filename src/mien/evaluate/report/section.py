"""The sections of a report, by the order in which they are registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mien.evaluate.report.reader import Reader

Write = Callable[[Reader], str]
"""Reads the document, gives HTML below the heading; raises LeftOutError where there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Section:
    """`id` is its anchor and its key among those left out."""

    id: str
    title: str
    write: Write


_SECTIONS: dict[str, Section] = {}
SECTIONS: Mapping[str, Section] = MappingProxyType(_SECTIONS)


def section(id_: str, title: str) -> Callable[[Write], Write]:
    """Register a section."""

    def register(write: Write) -> Write:
        _SECTIONS[id_] = Section(id_, title, write)
        return write

    return register
