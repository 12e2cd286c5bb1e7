"""A model as if it had one of its heads alone, or only the emotions of a head that has units as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.predictor import Predictor
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import emotions_alone


class OneHead:
    """A predictor of one head of another; its branches are left out.

    Of a head of kind `emotion_units` the emotions are answered, as `mien.runtime.probabilities.emotions_alone` says.

    Args:
        predictor: the whole model.
        head: one of its heads.
    """

    def __init__(self, predictor: Predictor, head: Head) -> None:
        self._predictor = predictor
        self.head, self._columns = emotions_alone(predictor.spec, head)
        self.spec: ModelSpec = predictor.spec.replace(heads=(self.head,), branches=0)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, k) of this head."""
        return self._predictor.logits(crops, batch)[:, self._columns]
