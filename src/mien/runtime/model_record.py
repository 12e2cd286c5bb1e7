"""One record a model or architecture, as `mien models list --json` prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mien.model_spec import Head, ModelSpec
from mien.runtime.architectures import Architecture, architectures
from mien.runtime.catalog import find, packaged, pulled
from mien.runtime.downloads import Download, downloads
from mien.runtime.session import spec_of_file
from mien.runtime.weights_header import spec_of

KINDS = ("bundled", "local", "download", "architecture")


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The facts that listings show; None or "" where they are not known."""

    name: str
    kind: str  # one of KINDS
    parameters: int | None
    gmacs: float | None  # 1e9 multiply-accumulates for one input
    input: tuple[int, int, int]  # channels, height, width
    heads: tuple[Head, ...]
    paper: str
    source: str  # a file of weights, or the module that builds an architecture
    licence: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; a head lists its labels, and what it was trained on where it was trained."""
        return asdict(self)


def of_architecture(facts: Architecture) -> ModelRecord:
    """The record of an architecture."""
    return ModelRecord(
        name=facts.name,
        kind="architecture",
        parameters=facts.parameters,
        gmacs=facts.gmacs,
        input=facts.input,
        heads=facts.heads,
        paper=facts.paper,
        source=facts.source,
        licence=facts.licence,
    )


def of_download(wanted: Download) -> ModelRecord:
    """The record of published weights that are not here yet: their network's facts, their own source and licence."""
    facts = of_architecture(architectures()[wanted.architecture])
    return replace(facts, name=wanted.name, kind="download", source=wanted.source, licence=wanted.licence)


def of_spec(spec: ModelSpec, kind: str, source: str) -> ModelRecord:
    """The record of trained weights; what their ModelSpec lacks is taken from their architecture's facts."""
    facts = architectures().get(spec.architecture)
    return ModelRecord(
        name=spec.name,
        kind=kind,
        parameters=spec.parameters,
        gmacs=None if facts is None else _gmacs(spec, facts),
        input=(spec.channels, spec.height, spec.width),
        heads=spec.heads,
        paper="" if facts is None else facts.paper,
        source=source,
        licence=spec.licence,
    )


def _outputs(heads: Iterable[Head]) -> int:
    return sum(len(head.labels) for head in heads)


def _gmacs(spec: ModelSpec, facts: Architecture) -> float | None:
    """The architecture's, where the weights have its very input and trunk and differ in the head alone."""
    same = (spec.channels, spec.height, spec.width) == facts.input
    if same and spec.parameters == facts.parameters:
        return facts.gmacs
    if spec.parameters is None or spec.embedding is None:
        return None
    head = spec.embedding + 1  # weights of one output of a linear head, and its bias
    difference = (_outputs(spec.heads) - _outputs(facts.heads)) * head
    return facts.gmacs if same and spec.parameters - facts.parameters == difference else None


def bundled_records() -> list[ModelRecord]:
    """The models inside the package, the default first.

    Raises:
        MienError: a broken file.
    """
    return [of_spec(spec_of_file(path), "bundled", path.name) for path in packaged().values()]


def pulled_records() -> list[ModelRecord]:
    """The models that `mien models pull` put into the cache.

    Raises:
        MienError: a broken file.
    """
    return [of_spec(_spec_in(path), "local", str(path)) for path in pulled().values()]


def download_records() -> list[ModelRecord]:
    """Published weights that can be pulled and were not."""
    here = pulled()
    return [of_download(wanted) for wanted in downloads().values() if wanted.name not in here]


def architecture_records() -> list[ModelRecord]:
    """The architectures that can be trained."""
    return [of_architecture(facts) for facts in architectures().values()]


def record(name: str) -> tuple[ModelRecord, ModelSpec | None]:
    """What a name or path stands for, with its ModelSpec where it has weights.

    In this order: a bundled model, a pulled one, a run folder, a .safetensors file, an architecture, published
    weights, an .onnx file. `small` names weights and an architecture: the weights come first where they are there.

    Raises:
        MienError: none of these.
    """
    path = Path(name)
    if name in packaged():
        spec = spec_of_file(find(name))
        return of_spec(spec, "bundled", find(name).name), spec
    if (kept := pulled().get(name)) is not None:
        path = kept
    elif path.is_dir():
        spec = ModelSpec.from_file(path / "model.json")
        return of_spec(spec, "local", str(path)), spec
    elif name in architectures():
        return of_architecture(architectures()[name]), None
    elif name in downloads():
        return of_download(downloads()[name]), None
    spec = _spec_in(path if path.suffix == ".safetensors" else find(str(path)))
    return of_spec(spec, "local", str(path)), spec


def _spec_in(path: Path) -> ModelSpec:
    """From a .safetensors file, or the one beside a pulled model, which is read at once however large it is."""
    beside = path.with_suffix(".safetensors")
    return spec_of(beside) if beside.is_file() and path in (beside, *pulled().values()) else spec_of_file(path)
