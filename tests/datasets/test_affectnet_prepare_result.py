"""Counts over sets."""

from __future__ import annotations

import json
from pathlib import Path

from mien.datasets.affectnet_prepare_result import Prepared, PreparedSet


def test_counts_over_sets() -> None:
    sets = (
        PreparedSet("Training", "training.csv", "Training_Labeled", 10, 3, 2, {"label": 3, "missing": 2}),
        PreparedSet("Validation", "validation.csv", "Validation", 4, 1, 2, {"missing": 1}),
    )
    found = Prepared(Path("out"), Path("out/prepare-affectnet.csv"), 96, False, sets)
    assert (found.made, found.kept, found.faults) == (4, 4, 3)
    assert found.skipped == {"missing": 3, "label": 3}
    told = json.loads(json.dumps(found.to_dict()))
    assert told["rows"] == 14
    assert told["sets"]["validation"]["skipped"] == {"missing": 1}
    assert Prepared(Path("out"), Path("r"), 96, False, ()).faults == 0
