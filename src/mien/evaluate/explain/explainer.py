"""Anything that can say where a model looks: an ONNX file by closed forms, or a run with its gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mien.errors import needing
from mien.evaluate.explain.onnx_explainer import OnnxExplainer
from mien.evaluate.predictor import onnx_file
from mien.model_spec import ModelSpec


@runtime_checkable
class Explainer(Protocol):
    """A model that answers and explains itself."""

    @property
    def spec(self) -> ModelSpec: ...

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) as the spec says -> float32 (n, k)."""
        ...

    def maps(
        self, crops: NDArray[np.uint8], columns: NDArray[np.int64], method: str, layer: str = ""
    ) -> NDArray[np.float32]:
        """Heat maps (n, h', w') for the logit that `columns` (n,) names of each face, as fine as the method's.

        Raises:
            MienError: a method, layer or model for which that cannot be made.
        """
        ...

    def randomised(self, seed: int = 0) -> tuple[Explainer, str]:
        """The same model having learnt nothing, and what of it was drawn anew.

        Raises:
            MienError: where nothing can be.
        """
        ...


def open_explainer(model: str | Path, device: str = "auto") -> Explainer:
    """Open a model by name or path, as `predictor.open_model` does.

    Raises:
        MienError: no such model, a broken one, or a device that it cannot run on.
        MissingExtraError: a run or checkpoint without torch.
    """
    file = onnx_file(model, device)
    if file is not None:
        return OnnxExplainer(file)
    with needing("explaining a run", "train"):
        from mien.lab.explain.explainer import open_run_explainer
    return open_run_explainer(model, device)
