"""What a plain CSV of action units says beside them: emotion, valence and arousal."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.affectnet import UNSAID
from mien.datasets.broken_rows import BrokenRows
from mien.datasets.csv_columns import Columns
from mien.datasets.face_set import UNLABELLED, one_hot
from mien.datasets.scheme import OWN
from mien.errors import MienError
from mien.labels import AFFECT, EMOTIONS, emotion

EMOTION = OWN
"""The column, and the scheme, of the set's own word for what each face shows."""
AFFECT_COLUMNS = AFFECT

_UNSAID = frozenset({float(UNSAID), 999.0})


def read_emotion(path: Path, table: Columns, at: int) -> NDArray[np.float32]:
    """(n, 8) targets from words in any spelling; blanks, `unknown` and no faces have none.

    Raises:
        MienError: a word that is no emotion, or a number, which means another emotion in every set.
    """
    broken = BrokenRows(path, "write the word")
    index: dict[str, int] = {"": UNLABELLED}
    wrong: dict[str, str] = {}
    for text in set(table.cells[at]) - {""}:
        try:
            name = emotion(text)
            index[text] = EMOTIONS.index(name) if name in EMOTIONS else UNLABELLED
        except MienError as error:
            index[text], wrong[text] = UNLABELLED, str(error)
    for row, (text, line) in enumerate(zip(table.cells[at], table.lines, strict=True)):
        if text in wrong:
            broken.add(row, wrong[text], line)
    broken.check()
    found = np.array([index[text] for text in table.cells[at]], np.int64)
    return one_hot(found, tuple(EMOTIONS[k] for k in np.unique(found[found >= 0])))


def read_affect(path: Path, table: Columns, at: int, name: str) -> NDArray[np.float32]:
    """(n,) numbers from -1 to 1; blank, -2 and 999 are unknown.

    Raises:
        MienError: any other number or text.
    """
    broken = BrokenRows(path)
    out = np.full(len(table), np.nan, np.float32)
    for row, (text, line) in enumerate(zip(table.cells[at], table.lines, strict=True)):
        try:
            value = float(text) if text else math.nan
        except ValueError:
            value = math.inf
        if abs(value) <= 1:
            out[row] = value
        elif not (math.isnan(value) or value in _UNSAID):
            broken.add(row, f"{name} is {text[:20]!r}, no number from -1 to 1 nor unknown (-2, 999 or blank)", line)
    broken.check()
    return out
