"""`mien data join`: sets with different labels in one index."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import disfa
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.errors import MienError

Mien = Callable[..., Result]


def test_each_row_keeps_its_own_sets_labels(mien: Mien, women: Path, tmp_path: Path) -> None:
    coded, out = disfa(tmp_path / "disfa", ("SN001", "SN002")), tmp_path / "both.csv"
    done = mien("join", women, coded, "--out", out, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    both, one, other = load_dataset(out), load_dataset(women), load_dataset(coded)
    assert told["rows"] == len(both) == len(one) + len(other)
    assert told["labels"] == {str(women): ["jaffe"], str(coded): ["action_units", "intensity"]}
    first = np.arange(len(both)) < len(one)
    np.testing.assert_array_equal(both.hard("jaffe"), np.r_[one.hard("jaffe"), np.full(len(other), -1)])
    assert np.isnan(both.targets["action_units"][first]).all()
    np.testing.assert_array_equal(both.targets["action_units"][~first], other.targets["action_units"])
    assert both.split.tolist() == [*one.split, *other.split]
    assert f"{len(both)} rows" in mien("join", women, coded, "--out", out).stdout


def test_what_cannot_stand_in_one_index(mien: Mien, faces: str, women: Path, tmp_path: Path) -> None:
    done = mien("join", faces, women, "--out", tmp_path / "x.csv")
    assert isinstance(done.exception, MienError)
    assert "pixels of one size, or files" in str(done.exception)
    assert not (tmp_path / "x.csv").exists()
    with pytest.raises(MienError, match="name two or more"):
        raise mien("join", faces, "--out", tmp_path / "x.csv").exception or AssertionError
