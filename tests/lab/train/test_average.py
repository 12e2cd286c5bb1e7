from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.lab.train.average import Average, refresh_norms  # noqa: E402


def moved(net: nn.Module, by: float) -> None:
    with torch.no_grad():
        for p in net.parameters():
            p += by


def test_follows_weights_and_statistics() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    average = Average(net, 0.9)
    with torch.no_grad():
        net[0].weight += 1
        net[1].running_mean += 10
    before = float(average.net[0].weight.detach())  # type: ignore[index]
    for _ in range(200):
        average.update(net)
    assert float(average.net[0].weight.detach()) == pytest.approx(before + 1, abs=1e-4)  # type: ignore[index]
    assert float(average.net[1].running_mean) == pytest.approx(10, abs=1e-3)  # type: ignore[index]


def test_one_late_step_moves_by_its_share() -> None:
    net = nn.Linear(1, 1)
    average = Average(net, 0.9)
    average.steps = 1000
    before = float(average.net.weight.detach())
    moved(net, 1)
    average.update(net)
    assert float(average.net.weight.detach()) == pytest.approx(before + 0.1, abs=1e-6)


def test_early_steps_forget_the_start() -> None:
    net = nn.Linear(1, 1)
    average = Average(net, 0.999)
    before = float(net.weight.detach())
    moved(net, 1)
    average.update(net)
    assert float(average.net.weight.detach()) == pytest.approx(before + 1 - 2 / 11, abs=1e-6)


def test_no_average_is_the_network_itself() -> None:
    net = nn.Linear(1, 1)
    average = Average(net, 0.0)
    average.update(net)
    average.update_epoch(net)
    assert average.net is net
    assert average.own is None


def test_plain_mean_is_the_mean_of_what_epochs_ended_with() -> None:
    torch.manual_seed(0)
    net = nn.Linear(3, 2)
    average = Average(net, 0.0, plain=True)
    assert average.net is net  # until an epoch counts
    ends = []
    for _ in range(5):
        for _ in range(3):
            moved(net, float(torch.randn(())))
            average.update(net)  # steps do not count
        average.update_epoch(net)
        ends.append(net.weight.detach().clone())
    assert average.steps == 5
    assert average.net is not net
    torch.testing.assert_close(average.net.weight.detach(), torch.stack(ends).mean(0))
    assert not any(p.requires_grad for p in average.net.parameters())


def test_a_trunk_without_heads_is_averaged_too() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 0))
    average = Average(net, 0.5)
    moved(net, 1)
    for _ in range(50):
        average.update(net)
    torch.testing.assert_close(average.net.state_dict()["0.weight"], net[0].weight.detach())


def test_refreshed_norms_hold_the_datas_statistics() -> None:
    generator = torch.Generator().manual_seed(0)
    batches = [3 + 2 * torch.randn(50, 4, 5, 5, generator=generator) for _ in range(8)]
    net = nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1)).eval()
    net[0].running_mean += 100
    refresh_norms(net, batches)
    means = torch.stack([x.mean((0, 2, 3)) for x in batches]).mean(0)
    variances = torch.stack([x.var((0, 2, 3)) for x in batches]).mean(0)
    torch.testing.assert_close(net[0].running_mean, means)
    torch.testing.assert_close(net[0].running_var, variances)
    assert not net.training
    assert net[0].momentum == 0.1
    assert all(p.grad is None for p in net.parameters())


def test_norms_that_are_frozen_stay() -> None:
    net = nn.Sequential(nn.BatchNorm2d(2), nn.BatchNorm2d(2))
    like = copy.deepcopy(net).train()
    like[0].eval()
    refresh_norms(net, [5 + torch.randn(20, 2, 4, 4)], like=like)
    assert net[0].running_mean.tolist() == [0.0, 0.0]
    assert net[1].running_mean.min() > 4


def test_without_norms_no_picture_is_read() -> None:
    refresh_norms(nn.Linear(1, 1), iter([torch.zeros(0)]))  # would not fit
