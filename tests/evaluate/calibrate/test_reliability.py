from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.calibrate.fitting import fitted
from mien.evaluate.calibrate.reliability import draw_reliability, reliability_tables
from mien.evaluate.calibrate.settings import Settings
from mien.model_spec import ModelSpec


def test_the_gaps_close(spec: ModelSpec, make_predictions: Any, tmp_path: Path) -> None:
    found = fitted(spec, make_predictions(temperature=2.5), Signs(), Settings())
    tables = reliability_tables(found)
    gaps = {}
    for name, table in tables.items():
        assert table.n.sum() == 4000
        gaps[name] = float(np.nansum(np.abs(table.confidence - table.accuracy) * table.n) / 4000)
    assert gaps["before"] == pytest.approx(found.before["ece"])
    assert gaps["after"] == pytest.approx(found.after["ece"])
    pytest.importorskip("mien.plots.reliability")
    draw_reliability(found, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
