"""What ten annotators said of a face, as one label or as a distribution (Barsoum et al. 2016, FER+)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.labels import EMOTIONS, FERPLUS_COLUMNS, VOTE_COLUMNS

_FROM_FERPLUS = [FERPLUS_COLUMNS.index(name) for name in VOTE_COLUMNS]


def from_ferplus_columns(votes: NDArray[np.integer]) -> NDArray[np.int16]:
    """(n, 10) votes in the order of FER+'s files -> (n, 10) in that of `labels.VOTE_COLUMNS`."""
    return np.asarray(votes, np.int16)[:, _FROM_FERPLUS]


def majority(votes: NDArray[np.integer]) -> NDArray[np.int64]:
    """(n, 10) votes -> (n,) position in EMOTIONS, -1 where there is no majority or no emotion.

    Microsoft's majority rule: votes of one are dropped, the winner needs more than half of what is left,
    and faces that win as unknown or not a face are left out.
    """
    kept = np.where(votes > 1, votes, 0)
    winner = kept.argmax(axis=1)
    won = 2 * kept.max(axis=1) > kept.sum(axis=1)
    return np.where(won & (winner < len(EMOTIONS)), winner, -1).astype(np.int64)


def distribution(votes: NDArray[np.integer]) -> NDArray[np.float32]:
    """(n, 10) votes -> (n, 8) shares of the emotions' votes, rows summing to 1; votes of one are dropped.

    NaN where emotions hold no more than half of what is left: a face that most could not name.
    """
    kept = np.where(votes > 1, votes, 0).astype(np.float32)
    emotions = kept[:, : len(EMOTIONS)]
    mass = emotions.sum(axis=1, keepdims=True)
    usable = 2 * mass > kept.sum(axis=1, keepdims=True)
    return np.where(usable, emotions / np.maximum(mass, 1), np.nan).astype(np.float32)
