"""Architectures by name. A new one costs its file in this folder and a `@register`."""

from __future__ import annotations

import difflib
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet
from mien.model_spec import Head

_REGISTRY: dict[str, Callable[..., FaceNet]] = {}
F = TypeVar("F", bound=Callable[..., FaceNet])


def register(name: str) -> Callable[[F], F]:
    """Register `build(classes, channels, height, width, **options) -> FaceNet` under a name.

    A network that must know its heads, not their width alone, calls its first parameter `heads`.
    A name that ends in "/" stands for a family: `build` then also takes `model`, what follows the slash.
    """

    def put(build: F) -> F:
        _REGISTRY[name] = build
        return build

    return put


def _load() -> dict[str, Callable[..., FaceNet]]:
    from mien.lab import models

    for module in pkgutil.iter_modules(models.__path__):
        if not module.ispkg:
            import_module(f"{models.__name__}.{module.name}")
    return _REGISTRY


def names() -> tuple[str, ...]:
    """Every architecture that can be trained."""
    return tuple(sorted(name for name in _load() if not name.endswith("/")))


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
    build, given = _find(name)
    signature = inspect.signature(build).parameters
    parameters = list(signature)
    settings = [setting for setting in parameters[4:] if setting not in given]
    any_option = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.values())
    for option in options:
        if option not in settings and not any_option:
            hint = "; it does not pool its last map, or in one way alone" if option == "pool" else ""
            raise MienError(f"model.options.{option}: {name} has {', '.join(settings) or 'no options'}{hint}")
    first = tuple(heads) if parameters[0] == "heads" else sum(len(head.labels) for head in heads)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # a trunk without heads
        return build(first, channels, height, width, **given, **options)


def _find(name: str) -> tuple[Callable[..., FaceNet], dict[str, str]]:
    """The builder of an architecture, and the model that a family's builder is asked for."""
    registry = _load()
    family, slash, model = name.partition("/")
    if slash and family + slash in registry:
        return registry[family + slash], {"model": model}
    if name in registry and not slash:
        return registry[name], {}
    near = difflib.get_close_matches(name, registry, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(registry))}"
    raise MienError(f"unknown architecture {name!r}; {hint}")
