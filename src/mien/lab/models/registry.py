"""Architectures by name. A new one costs its file, a `@register` and a line in `_MODULES`."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet
from mien.model_spec import Head

_MODULES = ("oshea", "small")
_REGISTRY: dict[str, Callable[..., FaceNet]] = {}
F = TypeVar("F", bound=Callable[..., FaceNet])


def register(name: str) -> Callable[[F], F]:
    """Register `build(classes, channels, height, width, **options) -> FaceNet` under a name."""

    def put(build: F) -> F:
        _REGISTRY[name] = build
        return build

    return put


def _load() -> dict[str, Callable[..., FaceNet]]:
    for module in _MODULES:
        import_module(f"mien.lab.models.{module}")
    return _REGISTRY


def names() -> tuple[str, ...]:
    """Every architecture that can be trained."""
    return tuple(sorted(_load()))


def create(
    name: str,
    heads: Sequence[Head],
    *,
    channels: int = 1,
    height: int = 48,
    width: int = 48,
    **options: Any,
) -> FaceNet:
    """A freshly initialised network; its logits hold the heads side by side.

    Raises:
        MienError: an unknown architecture, or an option that it does not have.
    """
    registry = _load()
    if name not in registry:
        near = difflib.get_close_matches(name, registry, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(registry))}"
        raise MienError(f"unknown architecture {name!r}; {hint}")
    build = registry[name]
    settings = list(inspect.signature(build).parameters)[4:]
    for option in options:
        if option not in settings:
            raise MienError(f"model.options.{option}: {name} has {', '.join(settings) or 'no options'}")
    classes = sum(len(head.labels) for head in heads)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # a trunk without heads
        return build(classes, channels, height, width, **options)
