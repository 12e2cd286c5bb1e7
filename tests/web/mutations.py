"""Files broken at random, as a fuzzer breaks them; the seed says how."""

from __future__ import annotations

import random
from collections.abc import Sequence

_BOUNDARIES = (0, 1, 0x7F, 0x80, 0xFF)


def mutated(seed: int, files: Sequence[bytes]) -> bytes:
    """One of the files with one to eight things done to it; its first bytes stay, so that a decoder sees it."""
    dice = random.Random(seed)
    data = bytearray(dice.choice(files))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(min(16, len(data) - 1), len(data)) if len(data) > 17 else 0
        # headers decide most, so that half the strokes fall there
        if dice.random() < 0.5:
            at = min(at, 16 + dice.randrange(600))
        length = min(dice.choice((1, 2, 4, 16, 256)), len(data) - at)
        stroke = dice.randrange(6)
        if stroke == 0:
            data[at : at + length] = dice.randbytes(length)
        elif stroke == 1:
            data[at : at + length] = bytes([dice.choice(_BOUNDARIES)]) * length
        elif stroke == 2:
            del data[at : at + length]
        elif stroke == 3:
            data[at:at] = data[at : at + length] * dice.choice((1, 2, 50))
        elif stroke == 4:
            other = dice.choice(files)
            start = dice.randrange(len(other))
            data[at : at + length] = other[start : start + length]
        elif dice.random() < 0.3:
            del data[at:]
    return bytes(data)
