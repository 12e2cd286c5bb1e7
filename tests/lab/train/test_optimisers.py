from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.contracts.model import HEAD  # noqa: E402

from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.optimisers import make_optimiser, set_rate  # noqa: E402
from mien.lab.train.recipe import Train  # noqa: E402
from mien.lab.train.recipe_check import OPTIMISERS  # noqa: E402

TINY = {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}
RATES = {"asgd": 0.5, "sgd": 0.05, "adagrad": 0.3, "radam": 0.2}  # the others: 0.05


def small() -> torch.nn.Module:
    return create("small", [HEAD], **TINY)


@pytest.mark.parametrize("name", [name for name in OPTIMISERS if name != "rprop"])  # which has no decay
def test_norms_and_biases_are_spared(name: str) -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    decayed, spared = make_optimiser(net, Train(optimiser=name, weight_decay=0.1)).param_groups
    assert [p.ndim for p in decayed["params"]] == [4]
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert len(spared["params"]) == 3


def test_decay_all_spares_none() -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    (group,) = make_optimiser(net, Train(weight_decay=0.1, decay_all=True)).param_groups
    assert group["weight_decay"] == 0.1
    assert len(group["params"]) == 4


@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_learns_a_logistic_regression(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 5, generator=generator)
    y = (x @ torch.tensor([2.0, -1.0, 0.5, 0.0, 1.0]) > 0.3).float()
    torch.manual_seed(0)
    net = torch.nn.Linear(5, 1)
    rate = RATES.get(name, 0.05)
    optimiser = make_optimiser(net, Train(optimiser=name, lr=rate, weight_decay=1e-4))
    losses = []
    for _ in range(60):
        set_rate(optimiser, rate)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x)[:, 0], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]


def test_decoupled_decay_of_radam_stands_outside_the_step() -> None:
    """p -= lr * decay * p, and nothing else where there is no gradient; else the decay is in the gradient."""
    moved = {}
    for decoupled in (True, False):
        weight = torch.nn.Parameter(torch.full((2, 2), 3.0))
        net = torch.nn.ParameterList([weight])
        settings = Train(optimiser="radam", lr=0.1, weight_decay=0.5, decoupled=decoupled)
        optimiser = make_optimiser(net, settings)
        weight.grad = torch.zeros(2, 2)
        optimiser.step()
        moved[decoupled] = float(weight.detach()[0, 0])
    assert moved[True] == pytest.approx(3 - 0.1 * 0.5 * 3)
    assert moved[False] == pytest.approx(3 - 0.1 * 1.5)  # the first steps of radam follow the plain momentum


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_rate_of_nothing_moves_nothing(name: str) -> None:
    """What `set_rate` says is what a step takes; Rprop alone keeps the step sizes it began with."""
    net = torch.nn.Linear(2, 1)
    optimiser = make_optimiser(net, Train(optimiser=name, lr=0.1))
    set_rate(optimiser, 0.0)
    before = net.weight.detach().clone()
    net(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    moved = float((net.weight.detach() - before).abs().max())
    assert moved <= (2e-6 if name == "rprop" else 0)  # whose least step is 1e-6


@pytest.mark.parametrize(("name", "options", "stages"), [("small", TINY, 5), ("oshea", {}, 5)])
def test_stages_learn_slower_the_further_from_the_heads(name: str, options: dict[str, object], stages: int) -> None:
    net = create(name, [HEAD], **options)
    parts = net.stages()
    assert len(parts) == stages
    optimiser = make_optimiser(net, Train(lr=1.0, layer_decay=0.5))
    rate_of = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    assert rate_of.keys() == {id(p) for p in net.parameters()}
    for place, stage in enumerate(reversed(parts)):
        assert {rate_of[id(p)] for p in stage.parameters()} == {0.5**place}
    set_rate(optimiser, 0.2)
    head = next(net.head.parameters())  # type: ignore[union-attr,operator]
    first = next(parts[0].parameters())
    rate_of = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    assert rate_of[id(head)] == pytest.approx(0.2)
    assert rate_of[id(first)] == pytest.approx(0.2 * 0.5 ** (stages - 1))


def test_stages_keep_the_decay_of_kernels_alone() -> None:
    optimiser = make_optimiser(small(), Train(layer_decay=0.5, weight_decay=0.1))
    for group in optimiser.param_groups:
        assert {p.ndim > 1 for p in group["params"]} == {group["weight_decay"] > 0}


@pytest.mark.parametrize("bf16", [True, False])
def test_muon_computes_in_what_the_processor_multiplies(monkeypatch: pytest.MonkeyPatch, bf16: bool) -> None:
    """In bf16 a processor without instructions for it took most of an epoch for the optimiser alone."""
    from timm.optim import muon

    from mien.lab.train import optimisers

    seen: list[Any] = []
    timms = getattr(muon.zeropower_via_newtonschulz, "args", (muon.zeropower_via_newtonschulz,))[0]

    def watched(matrix: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
        seen.append(options.get("dtype"))
        return timms(matrix, *args, **options)

    monkeypatch.setattr(muon, "zeropower_via_newtonschulz", watched)
    monkeypatch.setattr(optimisers, "cpu_multiplies_bf16", lambda: bf16)
    net = torch.nn.Conv2d(4, 8, 3)
    optimiser = make_optimiser(net, Train(optimiser="muon", lr=0.1))
    net(torch.ones(2, 4, 5, 5)).sum().backward()
    optimiser.step()
    assert seen == [None if bf16 else torch.float32]
