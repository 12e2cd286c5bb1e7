"""What an importer makes of published weights: a network of our own, and what its users must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from mien.digest import digest_of
from mien.errors import MienError
from mien.lab.models.face_net import FaceNet, count_parameters, output_widths
from mien.lab.train.checkpoint import save_weights
from mien.lab.train.provenance import versions
from mien.model_spec import ModelSpec

ORDERS = ("", "bgr", "rgb")
MODES = ("", "running", "batch")


@dataclass(frozen=True, slots=True)
class Options:
    """What the files do not say of themselves; "" leaves it to the importer."""

    channel_order: str = ""  # bgr | rgb: of the pixels that the network learnt from
    statistics: str = ""  # running | batch: of the norms in ESR's branches, see mien.lab.models.esr
    combine: str = ""  # mean | vote: how ESR's branches answer together
    trained_on: str = ""  # label scheme of the emotion head

    def check(self) -> None:
        """Raise MienError for values that no importer knows."""
        for key, known in (("channel_order", ORDERS), ("statistics", MODES), ("combine", ("", "mean", "vote"))):
            if getattr(self, key) not in known:
                option = key.replace("_", "-")
                raise MienError(f"--{option} {getattr(self, key)}: expected {' or '.join(known[1:])}")


class Imported(NamedTuple):
    """A network with the published weights in it, and its facts as far as the importer knows them."""

    net: nn.Module
    spec: ModelSpec


def write(imported: Imported, files: Sequence[Path], out: Path, name: str, licence: str, source: str) -> ModelSpec:
    """Write a .safetensors file with a whole ModelSpec; returns it.

    Args:
        files: what was imported; their sha256 are kept in `training`.
        name: the model's.
        licence: of the weights.
        source: where they were published, as far as it is known.
    """
    net = imported.net.eval()
    spec = imported.spec.replace(name=name, licence=licence, parameters=count_parameters(net))
    if isinstance(net, FaceNet):
        spec = spec.replace(**output_widths(net, spec.channels, spec.height, spec.width), branches=net.branches)
    training: dict[str, Any] = {
        **imported.spec.training,
        "source": source,
        "imported_from": {path.name: digest_of(path) for path in files},
        "versions": versions(),
    }
    spec = spec.replace(training=training)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_weights(net, spec, out)
    return spec
