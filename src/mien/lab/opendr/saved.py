"""OpenDR's folder of a saved model: the weights' files, or an ONNX file, and a JSON that says which."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from mien.errors import MienError
from mien.lab.importers.checkpoint_file import State, check_keys, counted, read_state
from mien.lab.importers.esr import BASE, BRANCH
from mien.lab.importers.opendr import description
from mien.lab.models.esr import WILD
from mien.lab.opendr.published_esr import PublishedEsr
from mien.whole_file import whole_file


class Described(NamedTuple):
    """A folder's JSON, or what stands for one that is missing: whether it is ONNX, and that file."""

    optimized: bool
    onnx: Path


def write_states(folder: Path, name: str, states: Sequence[State]) -> None:
    """A file for the base, one for each branch, and NAME.json; files of branches beyond those are removed.

    Raises:
        MienError: no branch, or a place that cannot be written.
    """
    if len(states) < 2:
        raise MienError(f"{folder}: nothing to save; state_dicts is the list of a base and of branches")
    try:
        for number, state in enumerate(states):
            target = folder / (BRANCH.format(number) if number else BASE)
            with whole_file(target) as part:
                torch.save(state, part)
        number = len(states)
        while (beyond := folder / BRANCH.format(number)).exists():  # of a larger ensemble that was saved there before
            beyond.unlink()
            number += 1
        _describe(folder, name, optimized=False)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_onnx(folder: Path, name: str, source: Path) -> None:
    """NAME.onnx and NAME.json.

    Raises:
        MienError: no such file, or a place that cannot be written.
    """
    target = folder / f"{name}.onnx"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if source.resolve() != target.resolve():
            shutil.copyfile(source, target)
        _describe(folder, name, optimized=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def described(folder: Path, name: str) -> Described:
    """What NAME.json says; without it the folder's only JSON of a model, or its weights' files by themselves.

    Raises:
        MienError: no such folder, or a JSON that cannot be read.
    """
    if not folder.is_dir():
        raise MienError(
            f"{folder}: no such folder; path_to_saved_network is where save() wrote, or download() unpacked"
        )
    path = folder / f"{name}.json"
    if not path.is_file():
        found = description(folder)
        if found is None:
            return Described(False, folder / f"{name}.onnx")
        path = found
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        return Described(bool(told["optimized"]), path.with_suffix(".onnx"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MienError(f"{path}: not a description that save() writes ({error}); save the model again") from error


def read_net(folder: Path, branches: int, attention: bool, base_name: str, branch_name: str) -> PublishedEsr:
    """The network of the files of a base and of branches 1..n; its widths are theirs.

    Nothing in the files is run. Branches without valence and arousal, as the authors' scripts for FER+ save them, keep
    a fresh layer for them.

    Raises:
        MienError: a file or key that is missing, unknown or of another shape, or of ESR where ESR* is asked for.
    """
    paths = [folder / base_name, *(folder / branch_name.format(number) for number in range(1, branches + 1))]
    states = [read_state(path) for path in paths]
    attends = any(key.startswith("cbam") for key in states[0])
    if attends != attention:
        kinds = ("ESR*", "ESR") if attends else ("ESR", "ESR*")
        raise MienError(f"{paths[0]}: of {kinds[0]}, not {kinds[1]}; make the learner with diversify={attends}")
    counts = [counted(state, "conv{}.weight") for state in states[:2]]
    if counts != [len(part) for part in WILD]:
        raise MienError(
            f"{paths[0]}: {counts[0]} convolutions, and {counts[1]} in a branch; OpenDR's network has 4 and 4"
        )
    widths = [len(state[f"conv{i}.weight"]) for state in states[:2] for i in range(1, 5)]
    usual = [step.width for part in WILD for step in part]
    net = PublishedEsr(branches, attention, () if widths == usual else widths)
    for path, state, part in zip(paths, states, (net.base, *net.convolutional_branches), strict=True):
        own = {key: tuple(value.shape) for key, value in part.state_dict().items()}
        optional = {key: own.pop(key) for key in list(own) if key.startswith("fc_dimensional")}
        check_keys(state, own, path, "OpenDR's network", optional)
        part.load_state_dict(state, strict=False)
    return net


def _describe(folder: Path, name: str, *, optimized: bool) -> None:
    told = {
        "model_paths": [str(folder)], "framework": "pytorch", "format": "onnx" if optimized else "pt",
        "has_data": False, "inference_params": {}, "optimized": optimized, "optimizer_info": {},
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


def _unwritable(folder: Path, error: OSError) -> MienError:
    return MienError(f"{error.filename or folder}: {error.strerror or error}; choose a folder that can be written")
