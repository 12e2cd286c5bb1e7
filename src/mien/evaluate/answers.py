"""Which head of a model is judged, and where its classes stand among the columns of `labels.EMOTIONS`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import emotion_probabilities, softmax

JUDGED = ("emotion", "classes")


@dataclass(frozen=True, slots=True)
class Answers:
    """One head's answers. A class of several emotions stands in the column of its first.

    Attributes:
        spec, head: whose.
        names: (8,) what each column is called: the emotion, or the merged class that stands there.
        column: (8,) int64, the column in which an emotion is answered; -1 where the head has no answer for it.
    """

    spec: ModelSpec
    head: Head
    names: tuple[str, ...]
    column: NDArray[np.int64]

    @property
    def present(self) -> NDArray[np.bool_]:
        """(8,) columns that hold an answer."""
        return np.isin(np.arange(len(EMOTIONS)), self.column)

    def outputs(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, k) logits of the whole model -> (n, 8) raw outputs of this head, NaN in columns without an answer."""
        out = np.full((len(logits), len(EMOTIONS)), np.nan, np.float32)
        first = [names[0] for names in self.head.members] if self.head.members else list(self.head.labels)
        out[:, [EMOTIONS.index(name) for name in first]] = logits[:, self.spec.columns(self.head.name)]
        return out

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, k) logits of the whole model -> (n, 8), NaN in columns without an answer."""
        if self.head.kind == "emotion":
            return emotion_probabilities(self.spec, logits, self.head.name)
        out = np.full((len(logits), len(EMOTIONS)), np.nan, np.float32)
        first = [EMOTIONS.index(emotions[0]) for emotions in self.head.members]
        out[:, first] = softmax(logits[:, self.spec.columns(self.head.name)])
        return out


def answers_of(name: str, spec: ModelSpec, labels: str | None = None) -> Answers:
    """The head to judge: the one trained on these labels where there is one, else the first that says emotions.

    Raises:
        MienError: a model that says no emotions.
    """
    heads = [head for head in spec.heads if head.kind in JUDGED]
    if not heads:
        raise MienError(
            f"{name}: the model has no emotion head to evaluate; give one that names emotions, or train one from"
            f" here with init = {name!r}"
        )
    head = next((head for head in heads if head.trained_on == labels), heads[0])
    members = head.members or tuple((label,) for label in head.labels)
    names, column = list(EMOTIONS), np.full(len(EMOTIONS), -1, np.int64)
    for label, emotions in zip(head.labels, members, strict=True):
        places = [EMOTIONS.index(emotion) for emotion in emotions]
        names[places[0]] = label
        column[places] = places[0]
    return Answers(spec, head, tuple(names), column)
