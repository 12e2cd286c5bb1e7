"""OpenDR's answer for one face: a class, its name and a confidence."""

from __future__ import annotations

from dataclasses import dataclass

from mien.labels import CODES, EMOTIONS

AFFECTNET = tuple(CODES["affectnet"][code] for code in range(len(EMOTIONS)))
"""Our names of the classes, in the order of OpenDR's numbers, which are AffectNet's."""
WORDS = ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger", "Contempt")
"""What OpenDR calls them; scripts compare with these words."""


@dataclass(slots=True)
class Category:
    """One face's class.

    Attributes:
        data: the class's number, 0..7, in AffectNet's order.
        description: its name, one of `WORDS`.
        confidence: see `mien.lab.opendr.votes`.
    """

    data: int
    description: str | None = None
    confidence: float | None = None

    def __init__(self, prediction: int, description: str | None = None, confidence: float | None = None) -> None:
        self.data, self.description, self.confidence = prediction, description, confidence

    def __str__(self) -> str:
        named = f" ({self.description})" if self.description is not None else ""
        sure = f" with confidence {self.confidence}" if self.confidence is not None else ""
        return f"Class {self.data}{named}{sure}"


def word(number: int) -> str:
    """OpenDR's name of a class: 1 -> Happy."""
    return WORDS[number]
