"""`mien data join`: sets with different labels in one index."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import bp4d, disfa
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.datasets.units import intensity, occurrence
from mien.errors import MienError

Mien = Callable[..., Result]


def test_each_row_keeps_its_own_sets_labels(mien: Mien, tmp_path: Path) -> None:
    one, other, out = disfa(tmp_path / "d", ("SN001", "SN002")), bp4d(tmp_path / "b", ("F001",)), tmp_path / "both.csv"
    done = mien("join", one, other, "--out", out, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    both, first, second = load_dataset(out), load_dataset(one), load_dataset(other)
    assert told["rows"] == len(both) == len(first) + len(second)
    assert told["labels"] == {str(one): ["action_units", "intensity"], str(other): ["action_units"]}
    np.testing.assert_array_equal(intensity(both)[: len(first)], intensity(first, both.action_units))
    assert np.isnan(intensity(both)[len(first) :]).all()
    np.testing.assert_array_equal(occurrence(both)[len(first) :], occurrence(second, both.action_units))
    assert both.subject.tolist() == [*first.subject, *second.subject]
    assert f"{len(both)} rows" in mien("join", one, other, "--out", out).stdout


def test_what_cannot_stand_in_one_index(mien: Mien, faces: str, women: Path, tmp_path: Path) -> None:
    done = mien("join", faces, women, "--out", tmp_path / "x.csv")
    assert isinstance(done.exception, MienError)
    assert "pixels of one size, or files" in str(done.exception)
    assert not (tmp_path / "x.csv").exists()
    with pytest.raises(MienError, match="name two or more"):
        raise mien("join", faces, "--out", tmp_path / "x.csv").exception or AssertionError
