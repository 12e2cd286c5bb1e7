"""What stands behind a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.address import Address, address
from mien.errors import MienError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("folds.csv", Address("folds.csv")),
        ("folds.csv:fold=2", Address("folds.csv", fold=2)),
        ("a/b:protocol=loso,fold=3", Address("a/b", protocol="loso", fold=3)),
        ("CK+:neutral=no,frames=peak", Address("CK+", {"neutral": "no", "frames": "peak"})),
        ("DISFA:cut=1", Address("DISFA", {"cut": "1"})),
        ("C:/data", Address("C:/data")),
        ("a:b=c/d", Address("a:b=c/d")),  # a folder may be called so
    ],
)
def test_taken_apart(text: str, expected: Address) -> None:
    assert address(text) == expected


def test_a_source_names_what_decides_its_rows() -> None:
    assert address("CK+:protocol=esr,fold=1,neutral=no,frames=peak").source == "CK+:frames=peak,neutral=no"
    assert address("jaffe:protocol=loso").source == "jaffe"


def test_a_path_that_is_there_has_nothing_behind_it(tmp_path: Path) -> None:
    odd = tmp_path / "set:fold=1"
    odd.mkdir()
    assert address(str(odd)).path == str(odd)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a:fold=x", "fold 'x': write a number from 0"),
        ("a:fold=", "fold '': write a number"),
        ("a:frames=5", "frames=5: choose last3 or peak"),
        ("a:farmes=peak", "unknown setting 'farmes': choose from protocol, fold, frames, neutral, cut"),
    ],
)
def test_what_cannot_be_meant(text: str, what: str) -> None:
    with pytest.raises(MienError, match=what):
        address(text)
