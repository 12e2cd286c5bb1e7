"""Ten annotators who look at the action units and disagree the more, the less the face says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Draws
from mien.datasets.synthetic.expression import Expression, prototype_table
from mien.labels import EMOTIONS, VOTE_COLUMNS

ANNOTATORS = 10
_UNKNOWN_SHARE = 0.015  # of votes that name no emotion, as in FER+


def beliefs(expression: Expression) -> NDArray[np.float32]:
    """(n, 8) how likely each emotion is for the units shown, rows summing to 1.

    Proportional to 1 / (e + squared distance to the emotion's mean intensities)**3: sharp like a softmax,
    but of divisions and products alone, so that every machine draws the same votes.
    """
    chance, strength = prototype_table()
    typical = chance * strength * 0.6
    n = len(expression.units)
    weight = np.zeros((n, len(EMOTIONS)), np.float32)
    for e in range(len(EMOTIONS)):
        distance = np.full(n, 0.08, np.float32)
        for k in range(expression.units.shape[1]):
            gap = expression.units[:, k] - typical[e, k]
            distance += gap * gap
        weight[:, e] = 1 / (distance * distance * distance)
    total = np.zeros(n, np.float32)
    for e in range(len(EMOTIONS)):
        total += weight[:, e]
    return weight / total[:, None]


def vote(
    seed: int,
    rows: NDArray[np.int64],
    emotion: NDArray[np.int64],
    expression: Expression,
    emotions: tuple[str, ...],
) -> NDArray[np.int16]:
    """(n, 10) votes over `labels.VOTE_COLUMNS`, ten a face; only `emotions` (and unknown) get any.

    An annotator goes seven times in ten by what the units say, else by the emotion meant, as one who sees
    more than the units would.
    """
    belief = beliefs(expression) * 0.7
    belief[np.arange(len(rows)), emotion] += 0.3
    belief[:, [e not in emotions for e in EMOTIONS]] = 0
    draws = Draws(seed, "votes", rows)
    dice = draws.matrix(ANNOTATORS)
    silent = draws.matrix(ANNOTATORS) < _UNKNOWN_SHARE
    edges = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    running = np.zeros(len(rows), np.float32)
    for e in range(len(EMOTIONS)):
        running = running + belief[:, e]
        edges[:, e] = running
    dice = dice * running[:, None]
    choice = np.zeros(dice.shape, np.int64)
    for e in range(len(EMOTIONS) - 1):
        choice += dice >= edges[:, e, None]
    choice[silent] = VOTE_COLUMNS.index("unknown")
    votes = np.zeros((len(rows), len(VOTE_COLUMNS)), np.int16)
    for column in range(len(VOTE_COLUMNS)):
        votes[:, column] = (choice == column).sum(axis=1)
    return votes
