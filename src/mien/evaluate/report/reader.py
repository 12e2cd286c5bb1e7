"""How a section reads the report's document, so that each number on the page names its place in report.json."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class LeftOutError(Exception):
    """A section that has nothing to show; says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What sections are made of.

    Attributes:
        document: report.json.
        pictures: row of the data set -> data URI of its face; empty where the pictures are not at hand.
        heat_maps: data URIs, one for each entry of the document's `heat_maps`.
    """

    document: Mapping[str, Any]
    pictures: Mapping[int, str] = field(default_factory=dict)
    heat_maps: tuple[str, ...] = ()

    def get(self, *place: str | int) -> Any:
        """The value at a place, None where there is none."""
        value: Any = self.document
        for key in place:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def number(self, *place: str | int, form: str = ".2f", unit: str = "") -> str:
        """A number as HTML: the text for people, the value and its place in report.json for programs."""
        value = self.get(*place)
        if value is None:
            return '<span class="none">-</span>'
        text = f"{value:{form}}{unit}"
        return f'<data value="{value!r}" data-key="{escape(pointer(*place))}">{escape(text)}</data>'

    def interval(self, *place: str | int, form: str = ".1f") -> str:
        """Two numbers as `lo to hi`; empty where there are none."""
        if not self.get(*place):
            return ""
        return f"{self.number(*place, 0, form=form)} to {self.number(*place, 1, form=form)}"

    @property
    def classes(self) -> list[str]:
        """The emotions that were judged."""
        found: list[str] = self.document["evaluation"]["classes"]
        return found


def pointer(*place: str | int) -> str:
    """A place as JSON Pointer (RFC 6901) writes it."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in place)


def escape(text: object) -> str:
    """Text that is safe inside HTML and its attributes."""
    return html.escape(str(text))
