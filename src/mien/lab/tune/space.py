"""What a search varies: recipe keys with choices or ranges, read from the recipe's `[tune.space]`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mien.errors import MienError
from mien.lab.train.recipe_file import literal

if TYPE_CHECKING:
    from optuna import Trial

Params = dict[str, Any]
"""Recipe key -> what the storage holds: a number or text; a list or table stands there as its TOML text."""


@dataclass(frozen=True, slots=True)
class Choices:
    """One of some values, in no order."""

    values: tuple[Any, ...]

    @property
    def labels(self) -> tuple[Any, ...]:
        """The values as a storage can hold them."""
        return tuple(v if isinstance(v, (bool, int, float, str)) else literal(v) for v in self.values)

    def suggest(self, trial: Trial, key: str) -> Any:
        return trial.suggest_categorical(key, self.labels)

    def points(self) -> tuple[Any, ...]:
        return self.labels

    def value(self, stored: Any) -> Any:
        """The recipe's value behind a stored one."""
        return self.values[self.labels.index(stored)]


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two, whole where both ends and the step are whole."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def whole(self) -> bool:
        return all(isinstance(v, int) for v in (self.low, self.high) + (() if self.step is None else (self.step,)))

    def suggest(self, trial: Trial, key: str) -> Any:
        if self.whole:
            return trial.suggest_int(key, int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return trial.suggest_float(key, self.low, self.high, log=self.log, step=self.step)

    def points(self) -> tuple[Any, ...]:
        """The values of a grid; none where the range has no step and is not whole."""
        if self.log or not (self.whole or self.step):
            return ()
        step = self.step or 1
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        return tuple(self.low + i * step for i in range(count))

    def value(self, stored: Any) -> Any:
        return stored


@dataclass(frozen=True, slots=True)
class Space:
    """Recipe keys and what each may become."""

    dimensions: Mapping[str, Choices | Range]

    @classmethod
    def of(cls, table: Mapping[str, Any], source: str) -> Space:
        """Read `[tune.space]`.

        Raises:
            MienError: an empty space, or a key that holds neither choices nor a range.
        """
        if not table:
            raise MienError(
                f'{source}: nothing to search; give a [tune.space], e.g. "train.lr" = {{low = 1e-4, high = 1e-1,'
                ' log = true} or "train.batch" = [32, 64]'
            )
        flat = dict(_flattened(table))
        return cls({key: _dimension(value, f"{source}: tune.space {key}") for key, value in flat.items()})

    def suggest(self, trial: Trial) -> Params:
        """Draw, or read what the trial was enqueued with."""
        return {key: dimension.suggest(trial, key) for key, dimension in self.dimensions.items()}

    def overrides(self, params: Mapping[str, Any]) -> list[str]:
        """`KEY=VALUE` as read_recipe takes them."""
        return [f"{key}={literal(self.dimensions[key].value(value))}" for key, value in params.items()]

    def probes(self) -> list[str]:
        """One override for every choice and both ends of every range, to try on a recipe before a search."""
        out = []
        for key, dimension in self.dimensions.items():
            ends = dimension.values if isinstance(dimension, Choices) else (dimension.low, dimension.high)
            out += [f"{key}={literal(value)}" for value in ends]
        return out

    def grid(self, source: str) -> list[Params]:
        """Every combination, the first key slowest.

        Raises:
            MienError: a range without steps.
        """
        columns = []
        for key, dimension in self.dimensions.items():
            columns.append(dimension.points())
            if not columns[-1]:
                raise MienError(f"{source}: tune.space {key} is a range without steps; a grid needs a list or a step")
        return [dict(zip(self.dimensions, values, strict=True)) for values in itertools.product(*columns)]


def _flattened(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Keys may be quoted ("train.lr" = ...) or bare (train.lr = ...), which TOML reads as nested tables."""
    out: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, Mapping) and not {"low", "high"} & value.keys():
            out += _flattened(value, f"{prefix}{key}.")
        else:
            out.append((prefix + key, value))
    return out


def _dimension(value: Any, where: str) -> Choices | Range:
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        choices = Choices(tuple(value))
        if any(a == b for a, b in itertools.combinations(choices.labels, 2)):
            raise MienError(f"{where}: a choice stands there twice: {literal(value)}")
        return choices
    if isinstance(value, Mapping):
        return _range(value, where)
    raise MienError(f"{where} = {value!r}, expected a list of choices or {{low = ..., high = ...}}")


def _range(table: Mapping[str, Any], where: str) -> Range:
    unknown = sorted(table.keys() - {"low", "high", "log", "step"})
    if unknown or not {"low", "high"} <= table.keys():
        fault = f"unknown {unknown[0]}" if unknown else "needs low and high"
        raise MienError(f"{where}: {fault}; write {{low = 1e-4, high = 1e-1, log = true}} or {{low = 1, high = 4}}")
    numbers = [v for k, v in table.items() if k != "log"]
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) or not math.isfinite(v) for v in numbers):
        raise MienError(f"{where}: low, high and step must be finite numbers")
    found = Range(table["low"], table["high"], bool(table.get("log", False)), table.get("step"))
    if not found.low < found.high:
        raise MienError(f"{where}: low {found.low} is not below high {found.high}")
    if found.log and (found.low <= 0 or found.step is not None):
        raise MienError(f"{where}: log = true needs low above 0 and no step")
    if found.step is not None and found.step <= 0:
        raise MienError(f"{where}: step must be above 0")
    return found
