"""Labels that no annotator gave, and pictures that most call no face."""

from __future__ import annotations

import numpy as np

from mien.evaluate.audit.vote_labels import agreement, vote_findings

VOTES = np.array(
    [
        [0, 0, 0, 6, 0, 0, 4, 0, 0, 0],  # anger, which nobody saw: suspect, happiness rather
        [0, 0, 0, 5, 0, 0, 5, 0, 0, 0],  # no emotion has more than half
        [1, 0, 0, 9, 0, 0, 0, 0, 0, 0],  # one annotator saw anger
        [0, 0, 0, 9, 0, 0, 1, 0, 0, 0],  # happiness: right
        [0, 0, 0, 9, 0, 0, 1, 0, 0, 0],  # no label
        [0, 0, 0, 0, 0, 0, 0, 0, 4, 6],  # no face
        [0, 0, 0, 0, 0, 0, 0, 0, 5, 5],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  # nobody asked
    ],
    np.int16,
)
LABELS = np.array([0, 0, 0, 3, -1, 0, 0, 0])


def test_what_is_suspect_and_what_is_no_face() -> None:
    found = vote_findings(VOTES, LABELS)
    assert [(f.kind, f.row, round(f.score, 2), f.label, f.twin_label, f.source) for f in found] == [
        ("suspect_label", 0, 0.6, 0, 3, "votes"),
        ("not_a_face", 5, 0.6, 0, -1, ""),
    ]


def test_agreement_is_of_rows_with_a_label_and_a_winner() -> None:
    assert agreement(VOTES, LABELS) == {
        "n": 3, "agree": 33.33,
        "by_class": {"anger": {"n": 2, "agree": 0.0}, "happiness": {"n": 1, "agree": 100.0}},
    }  # fmt: skip
    assert agreement(VOTES[-1:], LABELS[-1:]) == {"n": 0, "agree": None, "by_class": {"anger": {"n": 0, "agree": None}}}
