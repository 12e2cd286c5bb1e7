from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.evaluate.explain.methods import METHODS, WITHOUT_TORCH
from mien.lab.explain.registry import methods


def test_the_lab_has_every_method_that_is_told_without_torch() -> None:
    assert set(methods()) == set(METHODS)
    assert set(WITHOUT_TORCH) < set(METHODS)
