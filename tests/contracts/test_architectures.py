"""The facts in runtime/architectures.toml are those of the networks."""

from __future__ import annotations

from importlib import import_module

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from mien.lab.gan.generator import BUILDERS as GENERATORS
from mien.lab.models.registry import create, names
from mien.runtime.architectures import Architecture, architectures


class WithCodes(nn.Module):
    """A generator of faces, given the origin as its code."""

    def __init__(self, generator: nn.Module, dims: int) -> None:
        super().__init__()
        self.generator, self.dims = generator, dims

    def forward(self, faces: Tensor) -> Tensor:
        made: Tensor = self.generator(faces, faces.new_zeros(len(faces), self.dims))
        return made


def network(facts: Architecture) -> nn.Module:
    """Without memory: shapes are all that is counted here; tests/contracts/test_zoo.py runs the real ones."""
    channels, height, width = facts.input
    with torch.device("meta"):
        if facts.name in GENERATORS:
            return WithCodes(GENERATORS[facts.name](), dims=2)
        return create(facts.name, facts.heads, channels=channels, height=height, width=width).eval()


def multiply_accumulates(net: nn.Module, shape: tuple[int, ...]) -> int:
    """Of convolutions and linear layers, for one input."""
    total = 0

    def count(layer: nn.Module, inputs: tuple[Tensor], out: Tensor) -> None:
        nonlocal total
        weight = layer.weight
        assert isinstance(weight, Tensor)
        turned = isinstance(layer, nn.ConvTranspose2d)  # a weight meets every input, not every output
        total += (inputs[0] if turned else out)[0].numel() * weight[0].numel()

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        net(torch.zeros(1, *shape, device="meta"))
    return total


def test_what_can_be_trained_is_listed_and_what_is_listed_can_be_trained() -> None:
    assert set(architectures()) == {name for name in names() if "/" not in name} | set(GENERATORS)


@pytest.mark.parametrize("facts", architectures().values(), ids=lambda facts: facts.name)
def test_parameters_and_arithmetic(facts: Architecture) -> None:
    net = network(facts)
    assert sum(p.numel() for p in net.parameters()) == facts.parameters  # a shared tensor is yielded once
    assert multiply_accumulates(net, facts.input) / 1e9 == pytest.approx(facts.gmacs, rel=0.005)


@pytest.mark.parametrize("facts", architectures().values(), ids=lambda facts: facts.name)
def test_the_source_builds_it(facts: Architecture) -> None:
    assert callable(getattr(import_module(facts.source), facts.name))
