from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.lab.train.seeds import hash_seed


def test_seeds_of_neighbours_are_far_apart() -> None:
    seeds = {hash_seed(a, b) for a in range(30) for b in range(30)}
    assert len(seeds) == 900
    assert min(seeds) >= 0
