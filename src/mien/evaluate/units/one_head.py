"""A model as if it had one of its heads alone, or only the emotions of a head that has units as well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.predictor import Predictor
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec


class OneHead:
    """A predictor of one head of another; its branches are left out.

    Of a head of kind `emotion_units` the emotions are answered, by a softmax of their scores: the order of a face's
    emotions is the head's own, the probabilities are not.

    Args:
        predictor: the whole model.
        head: one of its heads.
    """

    def __init__(self, predictor: Predictor, head: Head) -> None:
        start = predictor.spec.columns(head.name).start
        kept = [at for at, label in enumerate(head.labels) if head.kind != "emotion_units" or label in EMOTIONS]
        self._predictor, self._columns = predictor, [start + at for at in kept]
        if head.kind == "emotion_units":
            labels = tuple(head.labels[at] for at in kept)
            head = replace(head, name=f"{head.name} emotions", kind="emotion", labels=labels, activation="softmax")
        self.head = head
        self.spec: ModelSpec = predictor.spec.replace(heads=(head,), branches=0)

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, k) of this head."""
        return self._predictor.logits(crops, batch)[:, self._columns]
