"""Text to codes."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.unit_codes import coded_units, occurring, read_codes, within_intensities
from mien.errors import MienError


def test_known_and_unknown() -> None:
    broken = BrokenRows("f")
    texts = ["1", "0", "999", "9", "-1", "", "NaN", "1.0"]
    found = read_codes(texts, range(2, 10), "AU01", broken)
    np.testing.assert_array_equal(found, np.float32([1, 0, *[np.nan] * 5, 1]))
    strong = read_codes(["0", "2.5", "5", "999"], range(4), "AU01", broken, intensity=True)
    np.testing.assert_array_equal(strong, np.float32([0, 2.5, 5, np.nan]))
    broken.check()


@pytest.mark.parametrize(
    ("text", "intensity", "what"),
    [
        ("2", False, "AU01 is 2, neither 0 nor 1 nor unknown"),
        ("0.5", False, "AU01 is 0.5, neither"),
        ("6", True, "AU01 is 6, no intensity from 0 to 5"),
        ("-0.1", True, "AU01 is -0.1, no intensity"),
        ("a/b.jpg", False, r"AU01 is 'a/b.jpg', no number: do its columns stand in the order"),
    ],
)
def test_what_is_no_code(text: str, intensity: bool, what: str) -> None:
    broken = BrokenRows("f")
    read_codes(["0", text, "1", text], [2, 3, 4, 5], "AU01", broken, intensity=intensity)
    with pytest.raises(MienError, match=rf"f: row 1 \(line 3\): {what}.*; 1 more broken row"):
        broken.check()


def test_what_could_be_intensities() -> None:
    assert within_intensities(["0", "3", "999", ""])
    assert not within_intensities(["0", "17"])
    assert not within_intensities(["0", "x"])


def test_a_unit_occurs_from_the_cut_on() -> None:
    found = occurring(np.float32([0, 1, 2, 5, np.nan]), 2)
    np.testing.assert_array_equal(found, np.float32([0, 0, 1, 1, np.nan]))


def test_columns_that_say_nothing() -> None:
    nan = np.nan
    codes = np.float32([[0, nan, 0, 1], [nan, nan, 0, 0]])
    assert coded_units(["AU01", "AU02", "AU03", "AU08"], codes).tolist() == [0, 3]  # AU03 is no unit
