from __future__ import annotations

import sys

import pytest

from mien.evaluate.progress import progress


def test_a_bar_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with progress("looking", quiet=False) as report:
        assert report is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress("looking", quiet=False) as report:
        assert report is not None
        report(1, 2)
