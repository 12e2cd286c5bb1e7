"""The facts in runtime/architectures.toml are those of the networks."""

from __future__ import annotations

from importlib import import_module

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from mien.lab.models.registry import create, names
from mien.runtime.architectures import Architecture, architectures


def network(facts: Architecture) -> nn.Module:
    channels, height, width = facts.input
    return create(facts.name, facts.heads, channels=channels, height=height, width=width).eval()


def multiply_accumulates(net: nn.Module, shape: tuple[int, ...]) -> int:
    """Of convolutions and linear layers, for one input."""
    total = 0

    def count(layer: nn.Module, _: object, out: Tensor) -> None:
        nonlocal total
        weight = layer.weight
        assert isinstance(weight, Tensor)
        per_output = weight[0].numel()
        total += out[0].numel() * per_output

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        net(torch.zeros(1, *shape))
    return total


def test_what_can_be_trained_is_listed_and_what_is_listed_can_be_trained() -> None:
    assert set(architectures()) == {name for name in names() if "/" not in name}


@pytest.mark.parametrize("facts", architectures().values(), ids=lambda facts: facts.name)
def test_parameters_and_arithmetic(facts: Architecture) -> None:
    net = network(facts)
    assert sum(p.numel() for p in net.parameters()) == facts.parameters  # a shared tensor is yielded once
    assert multiply_accumulates(net, facts.input) / 1e9 == pytest.approx(facts.gmacs, rel=0.005)


@pytest.mark.parametrize("facts", architectures().values(), ids=lambda facts: facts.name)
def test_the_source_builds_it(facts: Architecture) -> None:
    assert callable(getattr(import_module(facts.source), facts.name))
