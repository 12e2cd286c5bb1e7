"""Random numbers by address: (version, seed, stream, row, column) -> the same number, on any machine.

A row's numbers depend on no other row, so the first hundred faces are the same however many are asked for.
SplitMix64 (Steele, Lea and Flood 2014) over a counter, in integers alone: no platform can disagree on a bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.version import SYNTHETIC_VERSION

Column = NDArray[np.floating[Any]]
"""One float32 a face, shaped (n, 1, 1) so that it broadcasts against (n, h, w) pixels.

Typed loosely: type checkers take float32 times a Python number for float64, which it is not.
"""

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd
_M1, _M2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_AHEAD = 24  # columns made at a time
_COLUMN_BITS = 20  # of the counter; the rest numbers the row


def _mix_int(x: int) -> int:
    x = (x + _STEP) & _MASK
    x = ((x ^ (x >> 30)) * _M1) & _MASK
    x = ((x ^ (x >> 27)) * _M2) & _MASK
    return x ^ (x >> 31)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_M1)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_M2)
    return x ^ (x >> np.uint64(31))


@lru_cache(maxsize=64)
def _key(seed: int, stream: str) -> int:
    key = _mix_int((seed & _MASK) ^ _mix_int(SYNTHETIC_VERSION))
    for letter in stream.encode():
        key = _mix_int(key ^ letter)
    return key


def bits(seed: int, stream: str, rows: NDArray[np.int64], first: int, count: int) -> NDArray[np.uint64]:
    """(n, count) random 64-bit words: columns first .. first + count of these rows of a stream."""
    key = _key(seed, stream)
    start = (rows.astype(np.uint64) << np.uint64(_COLUMN_BITS))[:, None]
    counter = start + np.arange(first, first + count, dtype=np.uint64)[None, :]
    return _mix(counter * np.uint64(_STEP) + np.uint64(key))


class Draws:
    """The numbers of one stream, for n rows, one column after another.

    Args:
        seed: the data set's.
        stream: what they are for ("pose", "light", ...); streams do not touch each other.
        rows: (n,) addresses, e.g. row numbers or identity numbers.
    """

    def __init__(self, seed: int, stream: str, rows: NDArray[np.int64]) -> None:
        self._seed, self._stream, self._rows = seed, stream, rows
        self._next = 0
        self._ahead = np.zeros((len(rows), 0), np.float32)

    def matrix(self, columns: int) -> NDArray[np.float32]:
        """(n, columns) uniform in 0..1, 1 excluded, in steps of 2**-24."""
        if columns > self._ahead.shape[1]:
            more = max(columns - self._ahead.shape[1], _AHEAD)
            words = bits(self._seed, self._stream, self._rows, self._next, more)
            fresh = (words >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
            self._ahead = np.concatenate([self._ahead, fresh], axis=1)
            self._next += more
        out, self._ahead = self._ahead[:, :columns], self._ahead[:, columns:]
        return out

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Column:
        """(n, 1, 1) uniform in low..high."""
        return self.matrix(1)[:, :, None] * (high - low) + low

    def bell(self, spread: float = 1.0) -> Column:
        """(n, 1, 1) bell-shaped around 0 with standard deviation `spread`, never beyond 3.5 of them.

        The sum of four uniforms (Irwin-Hall): a normal would need a logarithm, which differs by platform.
        """
        m = self.matrix(4)
        total = m[:, 0] + m[:, 1] + m[:, 2] + m[:, 3] - 2
        return (total * 1.7320508)[:, None, None] * spread  # a sum of four has variance 4 / 12

    def chance(self, probability: float) -> NDArray[np.bool_]:
        """(n, 1, 1) bool, true with this probability."""
        return self.uniform() < probability
