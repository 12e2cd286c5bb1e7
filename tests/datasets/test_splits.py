"""Roles of splits."""

from __future__ import annotations

import pytest

from mien.datasets.splits import is_test, role
from mien.errors import MienError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Training", "train"),
        ("train_set", "train"),
        ("Training_Labeled", "train"),
        ("PublicTest", "validation"),
        ("public_test", "validation"),
        ("Validation", "validation"),
        ("val", "validation"),
        ("dev", "validation"),
        ("PrivateTest", "test"),
        ("private-test", "test"),
        ("Test", "test"),
        ("test", "test"),
    ],
)
def test_a_name_tells_its_role(name: str, expected: str) -> None:
    assert role(name) == expected
    assert is_test(name) == (expected == "test")


@pytest.mark.parametrize("name", ["", "fold3", "contest", "latest"])
def test_a_name_without_a_role_is_refused(name: str) -> None:
    with pytest.raises(MienError, match="unknown role"):
        role(name)
    assert not is_test(name)
