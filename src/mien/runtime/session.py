"""A model's ONNX file, opened and checked: uint8 crops in; logits, embedding, feature map and branches out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.onnx_runtime import onnx_runtime, session_options
from mien.runtime.expression_space import is_generator

OUTPUTS = ("logits", "embedding", "feature_map")
BRANCHES = "branch_logits"


def outputs_of(spec: ModelSpec) -> tuple[str, ...]:
    """What the file of such a model gives, in order."""
    return (*OUTPUTS, BRANCHES) if spec.branches else OUTPUTS


class Outputs(NamedTuple):
    """What a model says of n crops, float32."""

    logits: NDArray[np.float32]  # (n, sum of the heads' widths)
    embedding: NDArray[np.float32]  # (n, d)
    feature_map: NDArray[np.float32]  # (n, c, h, w)
    branch_logits: NDArray[np.float32] | None = None  # (n, branches, k) of a model whose branches vote


class OnnxModel:
    """A model in ONNX Runtime on the CPU.

    Args:
        path: an .onnx file whose metadata holds a ModelSpec.
        threads: threads for one call; None leaves the choice to ONNX Runtime.

    Attributes:
        path, spec: the file and what it says of itself.

    Raises:
        MienError: missing or broken file, no ModelSpec in it, a generator's, or inputs and outputs other than it
            promises.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = Path(path)
        self._session = open_session(self.path, threads)
        self.spec = spec_inside(self._session, self.path)
        if is_generator(self.spec):
            raise MienError(f"{path}: a generator, which changes faces and says nothing of them; see `mien edit`")
        self._outputs = outputs_of(self.spec)
        self._check()

    def run(self, crops: NDArray[np.uint8]) -> Outputs:
        """What the model says of a batch.

        Args:
            crops: uint8 (n, height, width, c) as the spec says; n may be 0.

        Raises:
            ValueError: crops of another type or shape.
        """
        spec = self.spec
        if crops.dtype != np.uint8 or crops.shape[1:] != (spec.height, spec.width, spec.channels):
            raise ValueError(
                f"crops: {crops.dtype} {crops.shape}, expected uint8 (n, {spec.height}, {spec.width}, {spec.channels})"
            )
        return Outputs(*self._session.run(list(self._outputs), {"crops": np.ascontiguousarray(crops)}))

    def _check(self) -> None:
        inputs = {i.name: i for i in self._session.get_inputs()}
        outputs = {o.name: o for o in self._session.get_outputs()}
        again = "export the model again with `mien export`"
        if list(inputs) != ["crops"] or inputs["crops"].type != "tensor(uint8)":
            raise MienError(f"{self.path}: input is not uint8 `crops`; {again}")
        if missing := [name for name in self._outputs if name not in outputs]:
            raise MienError(f"{self.path}: no output `{missing[0]}`; {again}")
        spec = self.spec
        shape = inputs["crops"].shape
        if len(shape) != 4 or shape[1:] != [spec.height, spec.width, spec.channels]:
            raise MienError(
                f"{self.path}: takes crops of {shape[1:]}, its ModelSpec says "
                f"[{spec.height}, {spec.width}, {spec.channels}]; {again}"
            )
        width = sum(len(head.labels) for head in spec.heads)
        if outputs["logits"].shape[1:] not in ([width], [None]):
            raise MienError(
                f"{self.path}: {outputs['logits'].shape[1:]} logits for {width} labels in its ModelSpec; {again}"
            )


def open_session(path: Path, threads: int | None) -> Any:
    """An ONNX file in ONNX Runtime on the CPU, of whatever inputs and outputs.

    Raises:
        MienError: a file that is missing or broken.
    """
    if not path.is_file():
        raise MienError(f"{path}: no such model file; `mien models list` names the bundled ones")
    ort = onnx_runtime()
    options = session_options(threads, spinning=True)
    try:
        return ort.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions share no base class of their own
        raise MienError(f"{path}: not an ONNX file that can be read; export or copy the model again") from error


def spec_of_file(path: Path) -> ModelSpec:
    """The ModelSpec of an ONNX file, a generator's too.

    Raises:
        MienError: a file that is missing or broken, or has none; the file of anything but a generator is checked
            as `OnnxModel` checks it.
    """
    spec = spec_inside(open_session(path, 1), path)
    return spec if is_generator(spec) else OnnxModel(path).spec


def spec_inside(session: Any, path: Path) -> ModelSpec:
    """The ModelSpec in an open file's metadata.

    Raises:
        MienError: there is none.
    """
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise MienError(f"{path}: no ModelSpec inside; export the model with `mien export`")
    return ModelSpec.from_json(text, str(path))
