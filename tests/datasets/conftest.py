"""Miniature data sets in their true layouts; the pictures are noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@pytest.fixture
def pixels() -> Pixels:
    """(9, 48, 48) uint8 with the values 0 and 255 in it."""
    found = np.random.default_rng(1).integers(0, 256, (9, 48, 48), dtype=np.uint8)
    found[0, 0, :3] = 0, 255, 7
    return found


class Miniature:
    """How FER2013's files are written, and the labels and usages of nine rows."""

    labels = (0, 1, 2, 3, 4, 5, 6, 3, 0)
    usages = ("Training",) * 5 + ("PublicTest",) * 2 + ("PrivateTest",) * 2

    @staticmethod
    def text(picture: Pixels) -> str:
        """A picture as FER2013's CSV writes it."""
        return " ".join(map(str, picture.ravel().tolist()))

    def lines(self, pixels: Pixels, labels: Sequence[object], usages: Sequence[str]) -> list[str]:
        """fer2013.csv, line by line."""
        rows = zip(labels, pixels, usages, strict=True)
        return ["emotion,pixels,Usage", *(f"{label},{self.text(p)},{usage}" for label, p, usage in rows)]


@pytest.fixture(scope="session")
def mini() -> Miniature:
    """Tools to write miniature files with."""
    return Miniature()


@pytest.fixture
def lines(mini: Miniature, pixels: Pixels) -> list[str]:
    """A fer2013.csv of nine rows: five, two and two."""
    return mini.lines(pixels, mini.labels, mini.usages)
