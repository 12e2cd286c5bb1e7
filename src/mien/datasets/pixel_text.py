"""Pixels written as numbers with blanks between them, read without a Python step for each number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def parse_pixels(texts: Sequence[bytes], count: int) -> tuple[NDArray[np.uint8], dict[int, str]]:
    """`count` numbers from 0 to 255 out of each text.

    Args:
        texts: one picture each, numbers in decimal with white space between; some 64 at a time keep the
            work within the processor's cache.
        count: numbers a picture.

    Returns:
        (len(texts), count) uint8, zero where a text is broken; and what is wrong, by position in `texts`.
    """
    plain = _parse_plain(texts, count)
    if plain is not None:
        return plain, {}
    pixels = np.zeros((len(texts), count), np.uint8)
    faults: dict[int, str] = {}
    for position, text in enumerate(texts):
        row = _parse_plain([text], count)
        if row is None:
            found = _parse_slowly(text, count)
            if isinstance(found, str):
                faults[position] = found
                continue
            row = np.array([found], np.uint8)
        pixels[position] = row[0]
    return pixels, faults


def _parse_plain(texts: Sequence[bytes], count: int) -> NDArray[np.uint8] | None:
    """(len(texts), count) uint8, or None unless every text is `count` plain numbers of at most 255."""
    joined = np.frombuffer(b"   " + b" ".join(texts) + b" ", np.uint8)  # blanks in front: looking back 2
    digit = joined - np.uint8(48)  # below 0 wraps around, so that only digits come out under 10
    is_digit = digit < 10
    if not (is_digit | (joined == 32)).all():
        return None
    digit *= is_digit
    last = np.flatnonzero(is_digit[:-1] & ~is_digit[1:])  # each number's last digit
    if len(last) != count * len(texts):
        return None
    # a text of 2303 beside one of 2305 would make the right sum: each must end with its own last number
    ends = 2 + np.cumsum([len(text) + 1 for text in texts])
    if (np.searchsorted(last, ends) != count * np.arange(1, len(texts) + 1)).any():
        return None
    tens = is_digit[last - 1]
    hundreds = tens & is_digit[last - 2]
    if (hundreds & is_digit[last - 3]).any():
        return None
    value = digit[last].astype(np.uint16)
    value += np.uint16(10) * (digit[last - 1] * tens)
    value += np.uint16(100) * (digit[last - 2] * hundreds)
    if (value > 255).any():
        return None
    return value.astype(np.uint8).reshape(len(texts), count)


def _parse_slowly(text: bytes, count: int) -> list[int] | str:
    """The numbers of a text that is not plain, or what is wrong with it."""
    words = text.split()
    values = []
    for place, word in enumerate(words):
        shown = word[:20].decode("utf-8", "replace")
        try:
            value = int(float(word))
        except (ValueError, OverflowError):
            return f"pixel {place} is {shown!r}, not a number"
        if value != float(word):
            return f"pixel {place} is {shown!r}, not a whole number"
        if not 0 <= value <= 255:
            return f"pixel {place} is {value}, outside 0..255"
        values.append(value)
    if len(values) != count:
        return f"{len(values)} pixels, expected {count}"
    return values
