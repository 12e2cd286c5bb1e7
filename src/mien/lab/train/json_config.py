"""The JSON configuration files of ResidualMaskingNetwork's trainers, read as they are."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mien.errors import MienError

ARCHITECTURES: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType({
    **{name: (name, {}) for name in (
        "alexnet", "vgg19", "googlenet", "inception_v3", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
        "densenet121", "cbam_resnet50", "bam_resnet50", "resmasking", "resmasking_dropout1",
    )},
    "efficientnet_b2b": ("efficientnet_b2", {}),
    "resnet50_pretrained_vgg": ("resnet50_vggface", {}),
    **{f"resmasking_dropout{n}": ("resmasking", {"head": f"dropout{n}"}) for n in (2, 3, 4)},
    "resmasking50_dropout1": ("resmasking_dropout1", {"trunk": "resnet50"}),
    "resmasking_naive_dropout1": ("resmasking_dropout1", {"gate": "none"}),
})  # fmt: skip
"""What a file calls a network -> ours, and its options."""

LABELS: Mapping[str, str] = MappingProxyType({"fer": "fer2013", "jaffe": "jaffe", "ck": "ckplus", "rafdb": "rafdb"})
"""How the names of data sets begin -> label scheme."""

IDLE = frozenset({
    "momentum", "distributed", "num_workers", "device", "steplr", "log_dir", "checkpoint_dir", "checkpoint_path",
    "trainer_name", "data_test", "cached_npy", "store_trainer", "csteplr", "little",
})  # fmt: skip
"""Keys that say nothing here; RAdam has no momentum, and the rate falls on plateaus, not after so many steps."""

READ = frozenset({
    "arch", "model_name", "dataset_name", "data_path", "image_size", "in_channels", "num_classes", "lr",
    "weight_decay", "weighted_loss", "batch_size", "max_epoch_num", "max_plateau_count", "plateau_patience", "seed",
    "clr", "cweight",
})  # fmt: skip

_CENTRE_EPOCH = 20  # before the centre loss begins
_SEED = 1234


def read_config(path: str | Path) -> dict[str, Any]:
    """A configuration file as the tables of a recipe; keys that mean nothing here are named on standard error.

    What the files do not say is the trainers': RAdam with decoupled decay of every parameter, a rate that falls on
    plateaus, mirroring and turning by up to 30 degrees on black, pixels in 0..1.

    Raises:
        MienError: no JSON, an unknown key or network, or a value of another type.
    """
    source = str(path)
    config = _parsed(source)
    for key in config:
        if key not in READ | IDLE:
            near = difflib.get_close_matches(key, READ | IDLE, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(READ | IDLE))}"
            raise MienError(f"{source}: unknown key {key!r}; {hint}")
    if idle := [key for key in config if key in IDLE]:
        print(f"mien: note: {source}: not used here: {', '.join(idle)}", file=sys.stderr)  # noqa: T201
    recipe = _recipe(_Reader(config, source))
    if not recipe["model"]["name"].startswith(("resmasking", "resnet50_vggface")):
        said = "starts from random weights, where the original took ImageNet's: --set model.weights=imagenet"
        print(f"mien: note: {source}: {said}", file=sys.stderr)  # noqa: T201
    return recipe


def _parsed(source: str) -> dict[str, Any]:
    try:
        config = json.loads(Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise MienError(f"{source}: {error.strerror}; give a TOML recipe or a JSON configuration") from error
    except ValueError as error:  # broken JSON, or bytes that are no text
        raise MienError(f"{source}: not a JSON configuration: {error}") from error
    if not isinstance(config, dict):
        raise MienError(f"{source}: holds no object of keys and values, as a configuration does")
    return config


class _Reader:
    """Values by key, each of the type that it must have."""

    def __init__(self, config: Mapping[str, Any], source: str) -> None:
        self.config, self.source = config, source

    def whole(self, key: str, default: int) -> int:
        value = self.number(key, default)
        if value != int(value):
            raise MienError(f"{self.source}: {key} = {value}, expected a whole number")
        return int(value)

    def number(self, key: str, default: float) -> float:
        value = self.config.get(key, default)
        if not isinstance(value, int | float):
            raise MienError(f"{self.source}: {key} = {value!r}, expected a number")
        return value

    def text(self, key: str) -> str:
        value = self.config.get(key, "")
        if not isinstance(value, str):
            raise MienError(f"{self.source}: {key} = {value!r}, expected text")
        return value


def _recipe(read: _Reader) -> dict[str, Any]:
    arch = read.text("arch")
    if arch not in ARCHITECTURES:
        raise MienError(f"{read.source}: arch = {arch!r} is not here; known: {', '.join(ARCHITECTURES)}")
    name, options = ARCHITECTURES[arch]
    side, centre = read.whole("image_size", 224), read.number("cweight", 0.0)
    recipe: dict[str, Any] = {
        "name": "_".join(part for part in (arch, read.text("model_name")) if part),
        "seed": read.whole("seed", _SEED),
        "data": {"path": read.text("data_path"), "validation": "Validation"},
        "heads": [{"labels": _labels(read), "target": "hard"}],
        "model": {"name": name, "options": dict(options)},
        "input": {"height": side, "width": side, "colour": _colour(read), "normalise": "unit"},
        "augment": {"flip": 0.5, "rotate": 30.0, "fill": "zero"},
        "balance": {"class_weights": "inverse" if read.whole("weighted_loss", 0) else "none"},
        "train": {
            "epochs": read.whole("max_epoch_num", 50) + 1,  # the original stops when the count is exceeded
            "batch": read.whole("batch_size", 48),
            "optimiser": "radam",
            "lr": read.number("lr", 1e-4),
            "weight_decay": read.number("weight_decay", 1e-3),
            "decoupled": True,
            "decay_all": True,
            "schedule": "plateau",
            "warmup": 0,
            "factor": 0.1,
            "patience": read.whole("plateau_patience", 2),
            "min_lr": 1e-6,
            "early_stop": read.whole("max_plateau_count", 8) + 1,
        },
    }
    if centre:
        recipe["loss"] = {"centre": centre, "centre_lr": read.number("clr", 0.5), "centre_epoch": _CENTRE_EPOCH}
    return recipe


def _colour(read: _Reader) -> str:
    channels = read.whole("in_channels", 3)
    if channels not in (1, 3):
        raise MienError(f"{read.source}: in_channels = {channels}, expected 1 or 3")
    return "grey" if channels == 1 else "rgb"


def _labels(read: _Reader) -> str:
    """The label scheme of the data set that the file names, FER2013's without one; heads take what it has."""
    named = read.text("dataset_name").lower()
    labels = next((scheme for start, scheme in LABELS.items() if named.startswith(start)), "fer2013")
    classes = read.whole("num_classes", 7)
    allowed = (7, 8) if labels == "ckplus" else (7,)  # CK+ with neutral faces, or without
    if classes not in allowed:
        raise MienError(
            f"{read.source}: num_classes = {classes}, but {labels} has {' or '.join(map(str, allowed))};"
            " name the data set in dataset_name"
        )
    return labels
