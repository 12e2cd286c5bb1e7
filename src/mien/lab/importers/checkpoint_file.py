"""Foreign checkpoints: read without running anything that is in them, and held key by key against what is expected."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mien.errors import MienError

State = dict[str, Tensor]
Shapes = Mapping[str, Sequence[int]]

NESTED = ("net", "state_dict", "model")
"""Keys under which training scripts keep the weights beside other facts."""
PREFIX = "module."
"""What nn.DataParallel puts before every key."""


def read_state(path: Path) -> State:
    """The tensors of a checkpoint, float32 where they are floating, on the CPU.

    It is a state dict, or a dict of plain values that holds one.

    Raises:
        MienError: no such file, a broken one, one that holds more than tensors and plain values, or no weights.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old ways of pickling; what cannot be read is told below
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise MienError(f"{path}: no such file; check the path") from error
    except pickle.UnpicklingError as error:
        raise MienError(f"{path}: {_refusal(error)}") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MienError(f"{path}: not a checkpoint that can be read ({reason}); fetch it again") from error
    return _weights(loaded, path)


def _refusal(error: pickle.UnpicklingError) -> str:
    """torch's many lines as one; it names what it would not build."""
    if match := re.search(r"GLOBAL (\S+)", str(error)):
        named = match[1].rstrip(".,")
        return f"holds {named}, more than tensors and plain values: reading it could run code, so it is refused"
    return "holds more than tensors and plain values, or is no checkpoint: refused"


def _weights(loaded: Any, path: Path) -> State:
    state = loaded
    if isinstance(loaded, Mapping):
        state = next((loaded[key] for key in NESTED if isinstance(loaded.get(key), Mapping)), loaded)
    if not isinstance(state, Mapping) or not state or not all(isinstance(v, Tensor) for v in state.values()):
        what = f"its keys are {', '.join(map(str, list(state)[:3]))}" if isinstance(state, Mapping) else "no dict"
        raise MienError(f"{path}: no weights in it ({what}); expected tensors by name, or those under `net`")
    if all(key.startswith(PREFIX) for key in state):
        state = {key.removeprefix(PREFIX): tensor for key, tensor in state.items()}
    return {key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in state.items()}


def check_keys(state: State, expected: Shapes, path: Path, what: str, optional: Shapes | None = None) -> None:
    """Raise MienError where a key is missing, unknown, or has another shape.

    Args:
        expected: key -> shape.
        path, what: the file and what is looked for in it, for the error.
        optional: keys that may be missing.
    """
    known = {**expected, **(optional or {})}
    missing = [key for key in expected if key not in state]
    odd = [key for key in state if key not in known]
    for keys, word in ((missing, "lacks"), (odd, "has the unknown key")):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise MienError(f"{path}: {word} {keys[0]}{more}; not the weights of {what}")
    for key, tensor in state.items():
        if tuple(tensor.shape) != tuple(known[key]):
            raise MienError(f"{path}: {key} is {tuple(tensor.shape)}, {what} needs {tuple(known[key])}")


def counted(state: State, pattern: str) -> int:
    """How many numbers from 1 on (or 0, where the pattern has that) have a key: "conv{}.weight" -> 4.

    Only an unbroken row counts, so that a gap shows as a missing key.
    """
    first = 0 if pattern.format(0) in state else 1
    number = first
    while pattern.format(number) in state:
        number += 1
    return number - first
