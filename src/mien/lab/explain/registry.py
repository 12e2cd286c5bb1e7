"""Ways of making heat maps by name. A new one costs its file in this folder, a `@method`, and a line in METHODS."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet

Method = Callable[[MappedNet, Tensor, Tensor], Tensor]
"""(network, input (n, c, h, w), columns (n,) int64) -> (n, h', w'), detached."""
_REGISTRY: dict[str, Method] = {}
F = TypeVar("F", bound=Method)


def method(name: str) -> Callable[[F], F]:
    """Register a way of making heat maps under the name that `--method` takes."""

    def put(make: F) -> F:
        _REGISTRY[name] = make
        return make

    return put


def methods() -> dict[str, Method]:
    """Every way by name."""
    from mien.lab import explain

    for module in pkgutil.iter_modules(explain.__path__):
        import_module(f"{explain.__name__}.{module.name}")
    return dict(_REGISTRY)
