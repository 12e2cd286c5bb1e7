from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

from mien.lab.train.provenance import commit, versions


def test_names_what_shapes_a_result() -> None:
    assert {"python", "torch", "numpy", "mien"} <= versions().keys()
    assert re.fullmatch(r"([0-9a-f]{12}\+?)?", commit())
