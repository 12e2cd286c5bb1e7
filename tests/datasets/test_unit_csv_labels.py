"""Emotion, valence and arousal beside units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.datasets.csv_columns import Columns
from mien.datasets.unit_csv_labels import read_affect, read_emotion
from mien.errors import MienError

PLACE = Path("t.csv")


def test_words_in_any_spelling() -> None:
    found = read_emotion(PLACE, Columns([["Angry", "", "unknown", "angry", "neu"]], range(2, 7)), 0)
    assert np.nanargmax(found[[0, 3, 4]], axis=1).tolist() == [0, 0, 6]
    assert np.isnan(found[[1, 2]]).all()
    assert np.isnan(found[:, 7]).all()  # contempt, which the set does not have
    with pytest.raises(MienError, match=r"t.csv: row 1 \(line 3\): unknown emotion 'grim'.*; 1 more .*write the word"):
        read_emotion(PLACE, Columns([["sad", "grim", "grim"]], range(2, 5)), 0)


def test_numbers_from_minus_one_to_one() -> None:
    found = read_affect(PLACE, Columns([["-1", "0.25", "", "-2", "999", "nan"]], range(2, 8)), 0, "valence")
    np.testing.assert_array_equal(found, np.float32([-1, 0.25, *[np.nan] * 4]))
    for text in ("1.01", "high", "-3"):
        with pytest.raises(MienError, match=rf"row 0 \(line 2\): valence is '{text}', no number from -1 to 1"):
            read_affect(PLACE, Columns([[text]], [2]), 0, "valence")
