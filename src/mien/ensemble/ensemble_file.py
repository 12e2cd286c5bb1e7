"""An ensemble as a TOML file: a name, a rule, and the models whose probabilities it combines."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.combine import COMBINERS, combine, weights_problem
from mien.ensemble.stacking import FLOOR, Stacking
from mien.errors import MienError

SUFFIX = ".toml"
STACKING = "stacking"
RULES = (*COMBINERS, STACKING)
"""What `combine` may say."""
_KEYS = {"name": str, "combine": str, "weights": list, "members": list, "fitted_on": dict, "stacking": dict}
_WORDS = {list: "a list", str: "a word", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Ensemble:
    """What such a file says.

    Attributes:
        name: of the ensemble; the file's, where it gives none.
        combine: one of RULES.
        members: MODELs as `mien evaluate` takes them, paths already looked up: see `read_ensemble`.
        weights: one a member, or () for alike.
        stacking: the fitted regression of the rule `stacking`.
        fitted_on: of fitted weights or stacking the rows: split, n, data_sha256 and labels, as far as known.
    """

    name: str
    combine: str
    members: tuple[str, ...]
    weights: tuple[float, ...] = ()
    stacking: Stacking | None = None
    fitted_on: dict[str, Any] = field(default_factory=dict)

    def __call__(self, probabilities: NDArray[Any]) -> NDArray[np.float64]:
        """(m, n, k) probabilities of the members -> (n, k) by its rule.

        Raises:
            ValueError: shapes that do not fit, NaN.
        """
        if self.stacking is not None:
            return self.stacking(probabilities)
        return combine(self.combine, probabilities, self.weights)

    @property
    def used(self) -> tuple[bool, ...]:
        """Of each member whether it must be run: not where its weight is 0."""
        return tuple(weight > 0 for weight in self.weights) if self.weights else (True,) * len(self.members)


def is_ensemble_file(model: object) -> bool:
    """Whether a MODEL is an ensemble's file, by its suffix."""
    return isinstance(model, str | Path) and Path(model).suffix.lower() == SUFFIX


def read_ensemble(path: str | Path) -> Ensemble:
    """Read and check such a file.

    A member's relative path is meant from the working folder, as a recipe's data.path is; where nothing stands
    there, from the folder of the file. A word that is a path in neither is left as it is: a bundled name.

    Raises:
        MienError: no such file, broken TOML, an unknown key or rule, no members, weights or coefficients that do
            not fit.
    """
    source = Path(path)
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror}; ensembles are TOML files with combine and members") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MienError(f"{path}: not a TOML file: {error}") from error
    if problem := _problem(data):
        raise MienError(f"{path}: {problem}")
    return Ensemble(
        name=data.get("name", source.stem),
        combine=data["combine"],
        members=tuple(_found(member, source.parent) for member in data["members"]),
        weights=tuple(float(weight) for weight in data.get("weights", ())),
        stacking=_stacking(data["stacking"]) if "stacking" in data else None,
        fitted_on=data.get("fitted_on", {}),
    )


def write_ensemble(path: str | Path, ensemble: Ensemble) -> None:
    """Write such a file, to be read again as it is. Numbers keep every digit.

    Raises:
        MienError: another suffix than .toml, a member that is an ensemble itself, or a path that cannot be written.
    """
    path = Path(path)
    if not is_ensemble_file(path):
        raise MienError(f"{path}: ensembles end in {SUFFIX}; name the file so")
    if problem := _nested(ensemble.members):
        raise MienError(f"{path}: {problem}")
    lines = [f"name = {_text(ensemble.name)}", f"combine = {_text(ensemble.combine)}"]
    if ensemble.weights:
        lines.append(f"weights = [{', '.join(f'{weight!r}' for weight in ensemble.weights)}]")
    lines += ["members = [", *(f"  {_text(member)}," for member in ensemble.members), "]"]
    if ensemble.fitted_on:
        facts = (f"{key} = {_text(value) if isinstance(value, str) else value}" for key, value in
                 ensemble.fitted_on.items())  # fmt: skip
        lines.append(f"fitted_on = {{ {', '.join(facts)} }}")
    if (fitted := ensemble.stacking) is not None:
        lines += [
            "",
            "[stacking]  # softmax(intercept + sum over members of coefficients @ ln(probabilities, at least floor))",
            f"classes = [{', '.join(map(_text, fitted.classes))}]",
            f"l2 = {fitted.l2!r}",
            f"floor = {fitted.floor!r}",
            f"intercept = {fitted.intercept.tolist()}",
            "coefficients = [  # a member each: rows are classes that come out, columns classes that go in",
            *("  [\n" + "".join(f"    {row},\n" for row in member) + "  ]," for member in
              fitted.coefficients.tolist()),
            "]",
        ]  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _stacking(table: dict[str, Any]) -> Stacking:
    return Stacking(
        classes=tuple(table["classes"]),
        coefficients=np.array(table["coefficients"], np.float64),
        intercept=np.array(table["intercept"], np.float64),
        l2=float(table.get("l2", 0.0)),
        floor=float(table.get("floor", FLOOR)),
    )


def _found(member: str, folder: Path) -> str:
    beside = folder / member
    return str(beside) if not Path(member).exists() and beside.exists() else member


def _problem(data: dict[str, Any]) -> str:
    """What is wrong with the file, in words; "" where nothing is."""
    for key, value in data.items():
        if key not in _KEYS:
            if "members" not in data:
                return "no ensemble: it lacks members; a recipe is trained with `mien train`, an ensemble lists models"
            near = difflib.get_close_matches(key, _KEYS, n=1)
            return f"unknown key {key}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(_KEYS)}")
        if not isinstance(value, _KEYS[key]):
            return f"{key} = {value!r}, expected {_WORDS[_KEYS[key]]}"
    members, weights = data.get("members", []), data.get("weights", [])
    if not members or not all(isinstance(member, str) and member for member in members):
        return "members must list models: saved .npz, run folders, .safetensors, .onnx or bundled names"
    if problem := _nested(members):
        return problem
    if data.get("combine") not in RULES:
        return f"combine = {data.get('combine')!r}, expected {' or '.join(RULES)}"
    if problem := _stacking_problem(data, len(members)):
        return problem
    if not all(isinstance(weight, int | float) and not isinstance(weight, bool) for weight in weights):
        return f"weights = {weights}, expected numbers"
    return weights_problem(data["combine"], weights, len(members))


def _nested(members: Sequence[str]) -> str:
    nested = next((member for member in members if is_ensemble_file(member)), None)
    return f"member {nested} is an ensemble itself; save its probabilities and name that .npz" if nested else ""


def _stacking_problem(data: dict[str, Any], members: int) -> str:
    table, stacked = data.get("stacking"), data["combine"] == STACKING
    if stacked != (table is not None):
        return "stacking goes with its fitted table [stacking], and no other rule has one"
    if table is None:
        return ""
    if "weights" in data:
        return "stacking has coefficients and no weights; leave weights out"
    known = ("classes", "coefficients", "intercept", "l2", "floor")
    if (odd := sorted(set(table) - set(known))) or not set(known[:3]) <= set(table):
        return f"[stacking] {'has unknown ' + odd[0] if odd else 'lacks classes, coefficients or intercept'}"
    classes = table["classes"]
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        return "[stacking] classes must list words"
    shapes = {"coefficients": (members, len(classes), len(classes)), "intercept": (len(classes),), "l2": (),
              "floor": ()}  # fmt: skip
    for key, shape in shapes.items():
        if key not in table:
            continue
        try:
            values = np.array(table[key], np.float64)
        except (TypeError, ValueError):
            return f"[stacking] {key} holds what is no number"
        if values.shape != shape or not np.isfinite(values).all():
            expected = " x ".join(map(str, shape)) if shape else "one"
            return f"[stacking] {key} of shape {values.shape}, expected {expected} finite number(s)"
    if not 0 < float(table.get("floor", FLOOR)) < 1:
        return f"[stacking] floor = {table['floor']}, expected a number between 0 and 1"
    return ""
