from __future__ import annotations

from mien.labels import EMOTIONS
from mien.runtime.palette import COLOURS, UNKNOWN, colour_of


def test_every_emotion_has_a_colour_of_its_own() -> None:
    assert tuple(COLOURS) == EMOTIONS
    assert len({*COLOURS.values(), UNKNOWN}) == len(EMOTIONS) + 1
    assert all(0 <= part <= 255 for colour in COLOURS.values() for part in colour)


def test_a_face_without_an_emotion_is_light_grey() -> None:
    assert colour_of(None) == UNKNOWN
    assert colour_of("anger") == COLOURS["anger"]
