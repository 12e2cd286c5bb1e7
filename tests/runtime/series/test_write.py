"""Tables written and read back."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from mien.errors import MienError
from mien.runtime.series.read import read_table
from mien.runtime.series.smoothing import Smoothing, smooth
from mien.runtime.series.write import records, write_table


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_a_smoothed_table_comes_back(track, tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    times = [3600.0001, 3600.1234567, 3600.2]
    table = smooth(track(times, happiness=[0.123456789, None, 0.5]), Smoothing("exp", 0.5))
    path = write_table(tmp_path / "deep" / f"t{suffix}", table)
    back = read_table(path)
    assert list(back.columns) == list(table.columns)
    assert back["time"].tolist() == pytest.approx(times, abs=1e-6)
    pd.testing.assert_frame_equal(back, table, rtol=1e-5, atol=1e-6)


def test_records_are_what_json_can_hold(track) -> None:
    (first, second) = records(track([0, 1], happiness=[1 / 3, None])[["frame", "time", "track", "happiness"]])
    assert json.dumps(first) == '{"frame": 0, "time": 0.0, "track": 1, "happiness": 0.333333333333}'
    assert second == {"frame": 1, "time": 1.0, "track": None, "happiness": None}


def test_places_that_do_not_do(track, tmp_path: Path) -> None:
    table = track([0], happiness=[0.1])
    with pytest.raises(MienError, match=r"no table ends in \.txt"):
        write_table(tmp_path / "t.txt", table)
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="another place"):
        write_table(tmp_path / "file" / "t.csv", table)
