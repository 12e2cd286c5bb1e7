"""Which emotion each row shows, and on which side of the cut each person stands."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from math import fsum

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Draws
from mien.labels import EMOTIONS

_GOLDEN = 2654435769  # 2**32 over the golden ratio: row * this walks evenly through any set of shares


def emotions_of(
    seed: int, rows: NDArray[np.int64], names: tuple[str, ...], shares: tuple[float, ...]
) -> NDArray[np.int64]:
    """(n,) positions in EMOTIONS: any run of rows holds the emotions very nearly in their shares."""
    start = int(Draws(seed, "emotion", np.zeros(1, np.int64)).matrix(1)[0, 0] * 2**24) << 8
    walk = ((rows * _GOLDEN + start) % 2**32).astype(np.float64) / 2**32
    total = fsum(shares)
    edges = np.asarray([edge / total for edge in accumulate(shares)])
    which = np.minimum(np.searchsorted(edges, walk, side="right"), len(names) - 1)
    return np.asarray([EMOTIONS.index(name) for name in names], np.int64)[which]


def deal(identities: int, splits: Mapping[str, float]) -> NDArray[np.str_]:
    """(identities,) split of each person: always the one that is furthest behind its share."""
    total = fsum(splits.values())
    dealt = dict.fromkeys(splits, 0)
    out = []
    for k in range(identities):
        name = max(splits, key=lambda s: splits[s] / total * (k + 1) - dealt[s])
        dealt[name] += 1
        out.append(name)
    return np.asarray(out)
