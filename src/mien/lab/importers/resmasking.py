"""ResMaskingNet's checkpoints: a dict whose `net` is the state dict, with 120 shortcuts of the masks named twice."""

from __future__ import annotations

import re
from pathlib import Path

import torch

from mien.errors import MienError
from mien.lab.importers.checkpoint_file import State, check_keys, counted
from mien.lab.importers.imported import Imported, Options
from mien.lab.models.registry import create
from mien.lab.models.resmasking import HEADS
from mien.labels import SEVEN
from mien.model_spec import Head, ModelSpec

SIZE = 224
_TWICE = re.compile(r"(mask\d+)\.downsample(\d+)\.(.+)")


def convert(state: State, path: Path, options: Options) -> Imported:
    """Of any width, depth, trunk and head.

    The 74.14 % of the paper and the VEMO model that the authors' package brings have the same keys.

    Raises:
        MienError: a key that is missing, unknown or of another shape, or twins that differ.
    """
    if options.statistics or options.combine:
        raise MienError("--statistics and --combine are for ESR, whose branches vote; leave them out")
    for key, ndim in (("conv1.weight", 4), ("layer1.0.conv1.weight", 4)):
        if key not in state or state[key].ndim != ndim:
            raise MienError(f"{path}: lacks {key}; not the weights of ResMaskingNet")
    own = _once(state, path)
    head, classes = _head(own, path)
    if classes != len(SEVEN):
        raise MienError(f"{path}: answers with {classes} classes; ResMaskingNet's published weights have seven")
    stem, layers = state["conv1.weight"].shape[0], [counted(state, f"layer{s}.{{}}.conv1.weight") for s in range(1, 5)]
    chosen = {
        "head": (head, "linear" if head == "linear" else "dropout1"),
        "trunk": ("resnet50" if "layer1.0.conv3.weight" in state else "resnet34", "resnet34"),
        "layers": (layers, [3, 4, 6, 3]),
        "stem": (stem, 64),
    }
    heads = (Head("emotion", "emotion", SEVEN, options.trained_on or "fer2013"),)
    spec = ModelSpec(
        name="",
        architecture="resmasking" if head == "linear" else "resmasking_dropout1",
        heads=heads,
        height=SIZE,
        width=SIZE,
        colour="grey",
        mean=(0.0,),
        std=(1.0,),
        architecture_options={key: value for key, (value, usual) in chosen.items() if value != usual},
        training={"published": "ResidualMaskingNetwork"},
    )
    net = create(spec.architecture, heads, channels=1, height=SIZE, width=SIZE, **spec.architecture_options)
    expected = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    expected["conv1.weight"] = (expected["conv1.weight"][0], 3, *expected["conv1.weight"][2:])
    check_keys(own, expected, path, "ResMaskingNet")
    # it saw one grey plane three times over: with its kernels added up, one plane does
    own["conv1.weight"] = own["conv1.weight"].sum(dim=1, keepdim=True)
    net.load_state_dict(own)
    return Imported(net, spec)


def _once(state: State, path: Path) -> State:
    """Every tensor under one name.

    Raises:
        MienError: a twin that is missing or differs from the other, naming both.
    """
    own = {key: value for key, value in state.items() if not _TWICE.fullmatch(key)}
    for key, value in state.items():
        if (match := _TWICE.fullmatch(key)) is None:
            continue
        mask, number, rest = match.groups()
        twin = f"{mask}.conv{number}.downsample.{rest}"
        if twin not in own:
            raise MienError(f"{path}: has {key} but lacks {twin}, which is the same layer")
        if not torch.equal(own[twin], value):
            raise MienError(
                f"{path}: {key} and {twin} are the same layer and differ; the file was tampered with or torn"
            )
    for key in own:
        twin = re.sub(r"^(mask\d+)\.conv(\d+)\.downsample\.", r"\1.downsample\2.", key)
        if twin != key and twin not in state:
            raise MienError(f"{path}: has {key} but lacks {twin}, which is the same layer")
    return own


def _head(state: State, path: Path) -> tuple[str, int]:
    """Which of the authors' heads, by its linear layers, and how many classes it answers with."""
    linear = {
        key: value for key, value in state.items() if re.fullmatch(r"fc\.(\d+\.)?weight", key) and value.ndim == 2
    }
    rows = tuple(value.shape[0] for value in linear.values())
    if list(linear) == ["fc.weight"]:
        return "linear", rows[0]
    if list(linear) == ["fc.1.weight"]:
        return "dropout1", rows[0]
    for name, hidden in HEADS.items():
        if hidden and list(linear) == [f"fc.{3 * i}.weight" for i in range(len(hidden) + 1)] and rows[:-1] == hidden:
            return name, rows[-1]
    told = ", ".join(f"{key} {tuple(value.shape)}" for key, value in linear.items()) or "none"
    raise MienError(f"{path}: no head of ResMaskingNet: fc.weight, fc.1.weight or fc.0, fc.3 ...; found {told}")
