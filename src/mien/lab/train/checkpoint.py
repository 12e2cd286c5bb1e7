"""Weights as safetensors with their ModelSpec in the header, and what a run needs to go on after a kill."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from mien.digest import digest_of
from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.whole_file import whole_file


def save_weights(net: nn.Module, spec: ModelSpec, path: Path) -> str:
    """Write weights, replacing the file at once or not at all; returns its sha256."""
    tensors = {k: v.detach().contiguous().cpu().clone() for k, v in net.state_dict().items()}
    with whole_file(path) as part:
        save_file(tensors, str(part), metadata={METADATA_KEY: spec.to_json(indent=None)})
    return digest_of(path)


def load_weights(path: Path) -> tuple[dict[str, torch.Tensor], ModelSpec]:
    """Weights and their ModelSpec, from the file's header or the model.json beside it.

    Raises:
        MienError: no such file, a broken one, or no ModelSpec.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
    except FileNotFoundError as error:
        raise MienError(f"{path}: no such file; a run folder holds best, last and final.safetensors") from error
    except (SafetensorError, OSError) as error:
        raise MienError(f"{path}: not a whole safetensors file ({error}); copy or train it again") from error
    if METADATA_KEY in metadata:
        return tensors, ModelSpec.from_json(metadata[METADATA_KEY], str(path))
    beside = path.with_name("model.json")
    if beside.exists():
        return tensors, ModelSpec.from_file(beside)
    raise MienError(f"{path}: no ModelSpec in it and no model.json beside it; keep the run folder together")


def fill(net: nn.Module, tensors: dict[str, torch.Tensor], spec: ModelSpec, path: Path) -> None:
    """Load a file's weights into a network of its architecture, all of them.

    Raises:
        MienError: a key that is missing, unknown or of another shape, by name.
    """
    expected, name = net.state_dict(), spec.architecture
    for key in sorted(set(expected) ^ set(tensors)):
        raise MienError(f"{path}: {'lacks' if key in expected else 'has unknown'} weights {key} of {name}")
    for key, tensor in tensors.items():
        if tensor.shape != expected[key].shape:
            raise MienError(f"{path}: {key} is {tuple(tensor.shape)}, {name} needs {tuple(expected[key].shape)}")
    net.load_state_dict(tensors)


def save_state(folder: Path, tensors: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write what --resume reads: one file, replaced at once or not at all."""
    with whole_file(folder / "state.pt") as part:
        torch.save({**tensors, "facts": json.dumps(facts)}, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What save_state wrote, or None where nothing was.

    Raises:
        MienError: a file that cannot be read.
    """
    path = folder / "state.pt"
    if not path.exists():
        return None
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        facts = json.loads(tensors.pop("facts"))
    except Exception as error:
        raise MienError(f"{path}: cannot be read ({error}); delete it and train again") from error
    return tensors, facts
