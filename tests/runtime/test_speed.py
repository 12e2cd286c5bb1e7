from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mien.runtime.analyzer import Analyzer
from mien.runtime.speed import EXAMPLES, Timing, five_faces, measure


def test_timings() -> None:
    timing = Timing.of([0.001, 0.002, 0.003])
    assert (timing.median, timing.n) == (2, 3)
    assert timing.p95 > 2


def test_every_stage_is_timed_and_five_faces_are_found(tiny_model: Callable[..., Path]) -> None:
    if not any(EXAMPLES.glob("*.jpg")):
        pytest.skip("no example portraits here")
    timings, faces = measure(Analyzer(tiny_model(), "builtin"), five_faces(), repeats=1)
    assert faces == 5
    assert list(timings) == ["read", "detect", "crop", "model batch 1", "model batch 32", "whole"]
    assert all(t.median > 0 and t.n == 1 for t in timings.values())
