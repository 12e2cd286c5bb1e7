"""An ensemble as a TOML file: a name, a rule, and the models whose probabilities it combines."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.ensemble.combine import COMBINERS, weights_problem
from mien.errors import MienError

SUFFIX = ".toml"
_KEYS = {"name": str, "combine": str, "weights": list, "members": list}


@dataclass(frozen=True, slots=True)
class Ensemble:
    """What such a file says.

    Attributes:
        name: of the ensemble; the file's, where it gives none.
        combine: a rule of `combine.COMBINERS`.
        members: MODELs as `mien evaluate` takes them, paths already looked up: see `read_ensemble`.
        weights: one a member, or () for alike.
    """

    name: str
    combine: str
    members: tuple[str, ...]
    weights: tuple[float, ...] = ()


def is_ensemble_file(model: object) -> bool:
    """Whether a MODEL is an ensemble's file, by its suffix."""
    return isinstance(model, str | Path) and Path(model).suffix.lower() == SUFFIX


def read_ensemble(path: str | Path) -> Ensemble:
    """Read and check such a file.

    A member's relative path is meant from the working folder, as a recipe's data.path is; where nothing stands
    there, from the folder of the file. A word that is a path in neither is left as it is: a bundled name.

    Raises:
        MienError: no such file, broken TOML, an unknown key or rule, no members, weights that do not fit.
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
            return f"{key} = {value!r}, expected a {'list' if _KEYS[key] is list else 'word'}"
    members, weights = data.get("members", []), data.get("weights", [])
    if not members or not all(isinstance(member, str) and member for member in members):
        return "members must list models: saved .npz, run folders, .safetensors, .onnx or bundled names"
    if nested := [member for member in members if is_ensemble_file(member)]:
        return f"member {nested[0]} is an ensemble itself; save its probabilities and name that .npz"
    if data.get("combine") not in COMBINERS:
        return f"combine = {data.get('combine')!r}, expected {' or '.join(COMBINERS)}"
    if not all(isinstance(weight, int | float) and not isinstance(weight, bool) for weight in weights):
        return f"weights = {weights}, expected numbers"
    return weights_problem(data["combine"], weights, len(members))
