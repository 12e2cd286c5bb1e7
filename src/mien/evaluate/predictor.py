"""Anything that answers with logits: an ONNX file, a bundled model, a run's folder or checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError, needing
from mien.model_spec import ModelSpec


@runtime_checkable
class Predictor(Protocol):
    """What an evaluation asks of a model."""

    @property
    def spec(self) -> ModelSpec: ...

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) as the spec says -> float32 (n, k), k being the width of all heads together."""
        ...


class OnnxPredictor:
    """A model in ONNX Runtime, on the CPU."""

    def __init__(self, path: Path) -> None:
        from mien.runtime.session import OnnxModel

        self._model = OnnxModel(path)
        self.spec = self._model.spec

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, k), a batch at a time."""
        return self.said(crops, batch)[0]

    def said(
        self, crops: NDArray[np.uint8], batch: int = 256
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The logits, and what each branch says, (n, branches, k), where there are any."""
        width, branches = sum(len(head.labels) for head in self.spec.heads), self.spec.branches
        logits, each = [np.zeros((0, width), np.float32)], [np.zeros((0, branches, width), np.float32)]
        for start in range(0, len(crops), batch):
            found = self._model.run(crops[start : start + batch])
            logits.append(found.logits)
            if found.branch_logits is not None:
                each.append(found.branch_logits)
        return np.concatenate(logits), np.concatenate(each) if branches else None

    def embeddings(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, d), what the heads read."""
        parts = [self._model.run(crops[start : start + batch]).embedding for start in range(0, len(crops), batch)]
        return np.concatenate(parts) if parts else self._model.run(crops).embedding


def is_checkpoint(model: str | Path) -> bool:
    """Whether the lab must open it: a folder or a .safetensors file."""
    path = Path(model)
    return path.suffix.lower() == ".safetensors" or path.is_dir()


def open_model(model: str | Path, device: str = "auto") -> Predictor:
    """Open a model by name or path.

    Args:
        model: a bundled name, an .onnx file, a run's folder or a .safetensors file.
        device: auto, cpu or cuda; ONNX files run on the CPU.

    Raises:
        MienError: no such model, a broken one, or a device that it cannot run on.
        MissingExtraError: a run or checkpoint without torch.
    """
    file = onnx_file(model, device)
    if file is not None:
        return OnnxPredictor(file)
    with needing("evaluating a run", "train"):
        from mien.lab.predict import open_run
    return open_run(model, device)


def onnx_file(model: str | Path, device: str = "auto") -> Path | None:
    """The file of a model that ONNX Runtime opens; None for a run or checkpoint, which the lab must open.

    Raises:
        MienError: no such model, or a device that it cannot run on.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise MienError(f"unknown device {device!r}: auto, cpu or cuda")
    # a bundled name wins over a folder that happens to be called the same
    from mien.runtime.catalog import find, packaged

    if str(model) not in packaged() and is_checkpoint(model):
        if not Path(model).exists():
            raise MienError(f"{model}: no such file; check the path")
        return None
    if device == "cuda":
        raise MienError(f"{model}: ONNX models run on the CPU here; leave --device out, or give a run's folder")
    return find(str(model))
