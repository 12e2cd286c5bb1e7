"""Pixels out of text."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.pixel_text import parse_pixels


def test_numbers_of_one_two_and_three_digits() -> None:
    pixels, faults = parse_pixels([b"0 9 10 99", b"100 199 200 255", b"1 1 1 1"], 4)
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == [[0, 9, 10, 99], [100, 199, 200, 255], [1, 1, 1, 1]]
    assert not faults


def test_every_value_in_every_place() -> None:
    values = np.random.default_rng(0).permuted(np.tile(np.arange(256, dtype=np.uint8), (40, 1)), axis=1)
    pixels, faults = parse_pixels([" ".join(map(str, row)).encode() for row in values.tolist()], 256)
    assert not faults
    assert (pixels == values).all()


@pytest.mark.parametrize("odd", [b" 1  2 3", b"1\t2 3 ", b"001 2 03", b"1.0 2 3", b"1 0002 3"])
def test_odd_but_clear_writing_is_read(odd: bytes) -> None:
    pixels, faults = parse_pixels([b"4 5 6", odd], 3)
    assert pixels.tolist() == [[4, 5, 6], [1, 2, 3]]
    assert not faults


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "0 pixels, expected 3"),
        (b"1 2", "2 pixels, expected 3"),
        (b"1 2 3 4", "4 pixels, expected 3"),
        (b"1 256 3", "pixel 1 is 256, outside 0..255"),
        (b"1 2 -3", "pixel 2 is -3, outside 0..255"),
        (b"1 1000 3", "pixel 1 is 1000, outside 0..255"),
        (b"x 2 3", "pixel 0 is 'x', not a number"),
        (b"1 2.5 3", "pixel 1 is '2.5', not a whole number"),
        (b"1 nan 3", "pixel 1 is 'nan', not a number"),
        (b"1 inf 3", "pixel 1 is 'inf', not a number"),
        (b"1 2 \xff3", "not a number"),
    ],
)
def test_a_fault_is_named_and_its_neighbours_are_read(text: bytes, what: str) -> None:
    pixels, faults = parse_pixels([b"1 2 3", text, b"7 8 9"], 3)
    assert list(faults) == [1]
    assert what in faults[1]
    assert pixels.tolist() == [[1, 2, 3], [0, 0, 0], [7, 8, 9]]


def test_one_too_few_and_one_too_many_do_not_even_out() -> None:
    _, faults = parse_pixels([b"1 2", b"3 4 5 6"], 3)
    assert list(faults) == [0, 1]
