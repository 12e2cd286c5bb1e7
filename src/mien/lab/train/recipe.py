"""A run is a recipe: one TOML file, read into frozen dataclasses. A field's comment is its documentation."""

from __future__ import annotations

import difflib
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from mien.errors import MienError

METHODS = ("supervised",)


@dataclass(frozen=True, slots=True)
class Data:
    path: str = ""  # file, folder or "synthetic:n=...": whatever load_dataset reads; --data overrides it
    ferplus: str = ""  # fer2013new.csv, where the votes are not in the file itself
    train: str = "Training"  # the split to learn from; "" takes every row
    validation: str = "PublicTest"  # the split to choose on, never a test split; "" with `holdout`
    holdout: float = 0.0  # cut this share off the training split, stratified, and choose on it instead
    holdout_seed: int = 42  # of that cut
    holdout_labels: str = ""  # label scheme to stratify it by; "" for the first head's


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    name: str = "emotion"  # unique in the model
    labels: str = "fer2013"  # the label scheme it learns: a key of FaceSet.targets
    target: str = "soft"  # soft: the distribution of votes; hard: the one label that the rule gives
    weight: float = 1.0  # of its loss in the sum
    label_smoothing: float = 0.0  # share of the target spread evenly over the classes, 0..1


@dataclass(frozen=True, slots=True)
class Model:
    name: str = "small"  # an architecture of `mien models list`
    options: Mapping[str, Any] = field(default_factory=dict)  # its settings: widths, depths, dropout, ...


@dataclass(frozen=True, slots=True)
class Input:
    height: int = 48  # pixels
    width: int = 48  # pixels
    colour: str = "grey"  # grey | rgb
    mean: tuple[float, ...] = (0.5,)  # of pixels in 0..1, one a channel
    std: tuple[float, ...] = (0.5,)


@dataclass(frozen=True, slots=True)
class Augment:
    flip: float = 0.5  # probability of mirroring
    rotate: float = 0.0  # degrees, drawn from -rotate..rotate
    scale: tuple[float, float] = (1.0, 1.0)  # magnification of the face, drawn from this range
    shift: float = 0.0  # share of the side, drawn from -shift..shift in x and y
    brightness: float = 0.0  # added to pixels in 0..1, drawn from -brightness..brightness
    contrast: float = 0.0  # factor about mid-grey, drawn from 1-contrast..1+contrast
    erase: float = 0.0  # probability of overwriting a rectangle with noise
    erase_side: tuple[float, float] = (0.1, 0.4)  # its sides as shares of the picture's
    mixup: float = 0.0  # alpha of Beta(alpha, alpha); 0 is off
    targeted: Mapping[str, str] = field(default_factory=dict)  # emotion -> "mirror+rotate10": copies added once


@dataclass(frozen=True, slots=True)
class Train:
    epochs: int = 30
    batch: int = 128  # faces, over all devices
    optimiser: str = "sgd"  # sgd | adam | adamw
    lr: float = 0.1  # peak learning rate
    momentum: float = 0.9  # of sgd, with Nesterov's correction
    weight_decay: float = 5e-4  # of matrices and kernels; biases and norms are spared
    schedule: str = "cosine"  # cosine | constant
    warmup: float = 1.0  # epochs of linear warm-up
    final_lr: float = 0.0  # where the schedule ends, as a share of lr
    ema: float = 0.0  # decay a step of the averaged weights that are validated and kept; 0 is off
    grad_clip: float = 0.0  # largest gradient norm; 0 is off
    sizes: tuple[tuple[float, int], ...] = ()  # progressive resizing: from this share of the run on, this side
    precision: str = "auto"  # auto | fp32 | bf16; auto takes bf16 where the device multiplies it fast
    compile: bool = False  # torch.compile: faster, needs a C++ compiler on a CPU
    select: str = ""  # head whose validation accuracy picks the best epoch; "" for the first


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str = ""  # of the run and its model; "" takes the file's
    method: str = "supervised"  # which training: see METHODS
    seed: int = 0
    licence: str = ""  # of the weights, written into the ModelSpec
    data: Data = field(default_factory=Data)
    heads: tuple[HeadRecipe, ...] = (HeadRecipe(),)
    model: Model = field(default_factory=Model)
    input: Input = field(default_factory=Input)
    augment: Augment = field(default_factory=Augment)
    train: Train = field(default_factory=Train)


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply `KEY=VALUE` overrides such as `train.lr=3e-4`; values are TOML, bare words text.

    Raises:
        MienError: no such file, broken TOML, an unknown key or a value of the wrong type, each by name.
    """
    source = str(path)
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise MienError(f"{source}: {error.strerror}; recipes are TOML files such as recipes/small.toml") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MienError(f"{source}: not a TOML recipe: {error}") from error
    for override in overrides:
        _override(data, override)
    recipe: Recipe = _build(Recipe, data, source, "")
    if not recipe.name:
        recipe = replace(recipe, name=Path(path).stem)
    check(recipe, source)
    return recipe


def check(recipe: Recipe, source: str = "recipe") -> None:
    """Raise MienError for values that cannot be meant."""
    from mien.datasets.splits import is_test

    if recipe.method not in METHODS:
        raise MienError(f"{source}: method {recipe.method!r}; this version knows {', '.join(METHODS)}")
    if recipe.data.validation and is_test(recipe.data.validation):
        raise MienError(
            f"{source}: data.validation = {recipe.data.validation!r} is a test split; choose epochs on PublicTest"
            " or a holdout, and report the test split once"
        )
    if not recipe.data.validation and not recipe.data.holdout:
        raise MienError(f"{source}: name data.validation, or cut a data.holdout of 0.1 or so")
    names = [head.name for head in recipe.heads]
    if not names or len(set(names)) < len(names):
        raise MienError(f"{source}: heads need at least one, each with a name of its own; got {names}")
    if recipe.train.select and recipe.train.select not in names:
        raise MienError(f"{source}: train.select = {recipe.train.select!r} is no head: {', '.join(names)}")
    for head in recipe.heads:
        if head.target not in ("soft", "hard"):
            raise MienError(f"{source}: heads.{head.name}.target = {head.target!r}, expected soft or hard")
    for key, allowed in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES), ("precision", PRECISIONS)):
        if getattr(recipe.train, key) not in allowed:
            raise MienError(f"{source}: train.{key} = {getattr(recipe.train, key)!r}, expected {' or '.join(allowed)}")
    if recipe.train.epochs < 1 or recipe.train.batch < 2:
        raise MienError(f"{source}: train.epochs must be 1 or more and train.batch 2 or more")


OPTIMISERS = ("sgd", "adam", "adamw")
SCHEDULES = ("cosine", "constant")
PRECISIONS = ("auto", "fp32", "bf16")


def to_toml(recipe: Recipe) -> str:
    """The resolved recipe as TOML; read_recipe gives the same recipe back."""
    data = asdict(recipe)
    heads = data.pop("heads")
    lines = [f"{k} = {_toml(v)}" for k, v in data.items() if not isinstance(v, Mapping)]
    for section, values in data.items():
        if isinstance(values, Mapping):
            lines += ["", f"[{section}]"] + [f"{k} = {_toml(v)}" for k, v in values.items()]
    for head in heads:
        lines += ["", "[[heads]]"] + [f"{k} = {_toml(v)}" for k, v in head.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
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
