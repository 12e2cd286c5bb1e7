"""Recipes as TOML files: read with every key and type checked, overridden, and written again."""

from __future__ import annotations

import difflib
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.lab.train.json_config import read_config
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_check import check


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply `KEY=VALUE` overrides such as `train.lr=3e-4`; values are TOML, bare words text.

    A file that ends in .json is a configuration as `mien.lab.train.json_config` reads it.

    Raises:
        MienError: no such file, broken TOML, an unknown key or a value of the wrong type, each by name.
    """
    source = str(path)
    data = read_config(path) if Path(path).suffix.lower() == ".json" else _parsed(path)
    for override in overrides:
        _override(data, override)
    recipe: Recipe = _build(Recipe, data, source, "")
    if not recipe.name:
        recipe = replace(recipe, name=Path(path).stem)
    check(recipe, source)
    return recipe


def _parsed(path: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror}; recipes are TOML files such as recipes/small.toml") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MienError(f"{path}: not a TOML recipe: {error}") from error


def to_toml(recipe: Recipe) -> str:
    """The resolved recipe as TOML; read_recipe gives the same recipe back."""
    data = asdict(recipe)
    heads = data.pop("heads")
    lines = [f"{k} = {literal(v)}" for k, v in data.items() if not isinstance(v, Mapping)]
    for section, values in data.items():
        if isinstance(values, Mapping):
            lines += ["", f"[{section}]"] + [f"{k} = {literal(v)}" for k, v in values.items()]
    for head in heads:
        lines += ["", "[[heads]]"] + [f"{k} = {literal(v)}" for k, v in head.items()]
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(str(k))} = {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    return repr(value)


def _override(data: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise MienError(f"--set {override}: write KEY=VALUE, e.g. --set train.lr=3e-4")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is text
    node: Any = data
    *path, last = key.strip().split(".")
    for part in path:
        node = node[_head_index(node, part, override)] if isinstance(node, list) else node.setdefault(part, {})
    if not isinstance(node, dict):
        raise MienError(f"--set {override}: {'.'.join(path)} is no section")
    node[last] = value


def _head_index(heads: list[Any], part: str, override: str) -> int:
    for index, head in enumerate(heads):
        if part in (str(index), head.get("name")):
            return index
    raise MienError(f"--set {override}: no head {part!r}")


def _build(cls: Any, data: Any, source: str, where: str) -> Any:
    """A dataclass from a TOML table, every key and type checked."""
    if not isinstance(data, Mapping):
        raise MienError(f"{source}: {where.rstrip('.')} must be a section")
    known = {f.name: f for f in fields(cls)}
    hints = typing.get_type_hints(cls)
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {where}{near[0]}?" if near else f"known: {', '.join(known)}"
            raise MienError(f"{source}: unknown recipe key {where}{key}; {hint}")
    values = {k: _value(hints[k], v, source, f"{where}{k}") for k, v in data.items()}
    missing = [k for k, f in known.items() if k not in values and f.default is f.default_factory is MISSING]
    if missing:
        raise MienError(f"{source}: recipe lacks {where}{missing[0]}")
    return cls(**values)


def _value(kind: Any, value: Any, source: str, where: str) -> Any:
    if is_dataclass(kind):
        return _build(kind, value, source, f"{where}.")
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise MienError(f"{source}: {where} = {value!r}, expected a list")
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
        if len(kinds) != len(value):
            raise MienError(f"{source}: {where} = {value!r}, expected {len(kinds)} values")
        return tuple(_value(k, v, source, f"{where}.{i}") for i, (k, v) in enumerate(zip(kinds, value, strict=True)))
    if origin is Mapping or origin is typing.get_origin(Mapping[str, int]):
        if not isinstance(value, Mapping):
            raise MienError(f"{source}: {where} = {value!r}, expected a table")
        return dict(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MienError(f"{source}: {where} = {value!r}, expected {kind.__name__}")
    return value
