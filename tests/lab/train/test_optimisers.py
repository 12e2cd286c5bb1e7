from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.optimisers import make_optimiser  # noqa: E402
from mien.lab.train.recipe import Train  # noqa: E402
from mien.lab.train.recipe_check import OPTIMISERS  # noqa: E402


@pytest.mark.parametrize("name", [name for name in OPTIMISERS if name != "rprop"])  # which has no decay
def test_norms_and_biases_are_spared(name: str) -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    decayed, spared = make_optimiser(net, Train(optimiser=name, weight_decay=0.1)).param_groups
    assert [p.ndim for p in decayed["params"]] == [4]
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert len(spared["params"]) == 3
