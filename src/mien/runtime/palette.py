"""One calm colour for each emotion, the same on drawings, sheets and pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mien.labels import EMOTIONS

RGB = tuple[int, int, int]

COLOURS: Mapping[str, RGB] = MappingProxyType(
    dict(
        zip(
            EMOTIONS,
            (
                (222, 98, 86),  # brick
                (139, 168, 82),  # moss
                (155, 126, 206),  # lilac
                (238, 186, 76),  # amber
                (97, 146, 214),  # blue
                (74, 184, 180),  # teal
                (158, 168, 178),  # grey
                (203, 126, 164),  # mauve
            ),
            strict=True,
        )
    )
)
UNKNOWN: RGB = (200, 200, 200)
INK: RGB = (246, 246, 244)
FAINT: RGB = (196, 200, 205)
PANEL: RGB = (24, 28, 34)


def colour_of(emotion: str | None) -> RGB:
    """The colour of an emotion, light grey for a face without one."""
    return UNKNOWN if emotion is None else COLOURS[emotion]
