"""Heat maps of an ONNX file, without torch: the last map and the recovered head say all that gradients would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.explain.methods import WITHOUT_TORCH
from mien.evaluate.predictor import OnnxPredictor
from mien.runtime import heat_map
from mien.runtime.linear_head import LinearHead, recover_head
from mien.runtime.occlusion import occlusion

HEAD_ONLY = "the head's weights alone: an .onnx file allows no more"
_GRADIENTS = "give the run's folder or .safetensors file with the extra `train`"


class OnnxExplainer(OnnxPredictor):
    """An ONNX file that explains itself where its last map is pooled and read by one linear layer.

    Args:
        path: of the file.
        head: in place of the one recovered from it.
    """

    def __init__(self, path: Path, head: LinearHead | None = None) -> None:
        super().__init__(path)
        self._path, self._head, self._drawn = path, head, head is not None

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, k), a batch at a time."""
        if self._head is None or not self._drawn:
            return super().logits(crops, batch)
        return np.asarray(self.embeddings(crops, batch) @ self._head.weights.T + self._head.bias, np.float32)

    def maps(
        self, crops: NDArray[np.uint8], columns: NDArray[np.int64], method: str, layer: str = ""
    ) -> NDArray[np.float32]:
        """See `explainer.Explainer.maps`; cells of the last map, or pixels for occlusion."""
        if method not in WITHOUT_TORCH:
            raise MienError(f"{self._path}: {method} needs gradients, an .onnx file has none; {_GRADIENTS}")
        if layer:
            raise MienError(f"{self._path}: --layer {layer}: an .onnx file shows its last map alone; {_GRADIENTS}")
        if method == "occlusion":
            return occlusion(self.logits, crops, columns)
        head, feature_map = self.head(crops), self._feature_map(crops)
        weights = head.weights[columns]
        if method == "cam":
            return heat_map.cam(feature_map, weights, head.pooling)
        gradients = heat_map.of_linear_head(weights, feature_map, head.pooling)
        if method == "grad-cam":
            return heat_map.grad_cam(feature_map, gradients)
        return heat_map.grad_cam_plus_plus(feature_map, gradients)

    def head(self, crops: NDArray[np.uint8]) -> LinearHead:
        """The head, recovered when it is first asked for and checked on these faces.

        Raises:
            MienError: a model that is built otherwise.
        """
        if self._head is None:
            self._head = recover_head(self._model, crops)
        return self._head

    def randomised(self, seed: int = 0) -> tuple[OnnxExplainer, str]:
        """The same map read by a head whose weights are drawn from a bell as wide as the learnt ones'."""
        spec = self.spec
        # the head is the model's, whatever faces it is checked on
        learnt = self._head or self.head(np.zeros((1, spec.height, spec.width, spec.channels), np.uint8))
        random = np.random.default_rng(seed)
        middle, spread = learnt.weights.mean(), learnt.weights.std()
        weights = random.normal(middle, spread, learnt.weights.shape).astype(np.float32)
        return OnnxExplainer(self._path, replace(learnt, weights=weights)), HEAD_ONLY

    def _feature_map(self, crops: NDArray[np.uint8], batch: int = 64) -> NDArray[np.float32]:
        parts = [self._model.run(crops[i : i + batch]).feature_map for i in range(0, len(crops), batch)]
        return np.concatenate(parts) if parts else self._model.run(crops).feature_map
