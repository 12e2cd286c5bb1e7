from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.average import Average  # noqa: E402


def test_follows_weights_and_statistics() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.BatchNorm1d(1))
    average = Average(net, 0.9)
    with torch.no_grad():
        net[0].weight += 1
        net[1].running_mean += 10
    before = float(average.net[0].weight.detach())
    for _ in range(200):
        average.update(net)
    assert float(average.net[0].weight.detach()) == pytest.approx(before + 1, abs=1e-4)
    assert float(average.net[1].running_mean) == pytest.approx(10, abs=1e-3)


def test_one_late_step_moves_by_its_share() -> None:
    net = torch.nn.Linear(1, 1)
    average = Average(net, 0.9)
    average.steps = 1000
    before = float(average.net.weight.detach())
    with torch.no_grad():
        net.weight += 1
    average.update(net)
    assert float(average.net.weight.detach()) == pytest.approx(before + 0.1, abs=1e-6)


def test_no_decay_is_the_network_itself() -> None:
    net = torch.nn.Linear(1, 1)
    assert Average(net, 0.0).net is net
