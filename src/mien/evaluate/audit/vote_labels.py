"""Where a row's label and its annotators' votes disagree (Barsoum et al. 2016, FER+), and what is no face to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.votes import majority
from mien.evaluate.audit.finding import Finding, label_name
from mien.labels import EMOTIONS, NOT_A_FACE, VOTE_COLUMNS

MOST = 0.5
"""The share of all votes, unknown and not a face among them, that another emotion must exceed."""


def vote_findings(votes: NDArray[np.int16], labels: NDArray[np.int64]) -> list[Finding]:
    """`suspect_label` and `not_a_face`.

    A label is suspect where not one annotator gave it and more than half of all votes are for one other emotion;
    the score is that emotion's share. A picture is no face where more than half of the votes say so.

    Args:
        votes: (n, 10) over `labels.VOTE_COLUMNS`.
        labels: (n,) positions in EMOTIONS, -1 for none.
    """
    total = np.maximum(votes.sum(axis=1), 1)
    emotions = votes[:, : len(EMOTIONS)]
    other = emotions.argmax(axis=1)
    share = emotions.max(axis=1) / total
    own = np.where(labels >= 0, votes[np.arange(len(votes)), np.maximum(labels, 0)], -1)
    suspect = np.flatnonzero((own == 0) & (share > MOST))
    found = [
        Finding("suspect_label", row, float(share[row]), -1, int(labels[row]), int(other[row]), "votes")
        for row in suspect.tolist()
    ]
    no_face = votes[:, VOTE_COLUMNS.index(NOT_A_FACE)] / total
    return found + [
        Finding("not_a_face", row, float(no_face[row]), label=int(labels[row]))
        for row in np.flatnonzero(no_face > MOST).tolist()
    ]


def agreement(votes: NDArray[np.int16], labels: NDArray[np.int64]) -> dict[str, Any]:
    """How often the label is the one that wins FER+'s majority rule, over all and by the row's label.

    Of the rows that have a label and a winner; percentages, null for a class without such rows.
    """
    winner = majority(votes)
    judged = (labels >= 0) & (winner >= 0)
    same = winner == labels

    def rate(rows: NDArray[np.bool_]) -> dict[str, Any]:
        n = int(rows.sum())
        return {"n": n, "agree": round(100 * float(same[rows].mean()), 2) if n else None}

    classes = np.unique(labels[labels >= 0]).tolist()
    return {**rate(judged), "by_class": {label_name(k): rate(judged & (labels == k)) for k in classes}}
