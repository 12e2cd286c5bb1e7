"""What a heat map is asked about: an emotion, an action unit, valence, arousal, or whatever emotion is likeliest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import ACTION_UNITS, AFFECT, EMOTIONS, action_unit, emotion
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import activate, calibrated, calibration

LIKELIEST = "emotion"
"""The word for each face's own likeliest emotion."""


@dataclass(frozen=True, slots=True)
class Target:
    """One output of a model, or with `label` None the likeliest label of `head`, face by face."""

    spec: ModelSpec
    head: Head
    label: str | None

    def columns(self, logits: NDArray[np.float32]) -> NDArray[np.int64]:
        """(n, k) logits of all heads -> (n,) which of them is asked about."""
        first = self.spec.columns(self.head.name).start
        if self.label is not None:
            return np.full(len(logits), first + self.head.labels.index(self.label), np.int64)
        return np.asarray(first + logits[:, self.spec.columns(self.head.name)].argmax(axis=1), np.int64)

    def names(self, columns: NDArray[np.int64]) -> list[str]:
        """What each face's column is called."""
        first = self.spec.columns(self.head.name).start
        return [self.head.labels[column - first] for column in columns]

    def values(self, logits: NDArray[np.float32], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) what the model says there, as `analyze` tells it: a calibrated probability, or -1..1 of affect."""
        part = logits[:, self.spec.columns(self.head.name)]
        if self.head.activation == "softmax":
            said = calibrated(self.head, calibration(self.spec, self.head), part)
        else:
            said = activate(self.head, part).astype(np.float64)
        first = self.spec.columns(self.head.name).start
        return np.asarray(said[np.arange(len(said)), columns - first])


def target_of(spec: ModelSpec, word: str = LIKELIEST) -> Target:
    """The target that a word names, in any spelling; heads are searched in the model's order.

    `HEAD:LABEL` names the head as well, where two of them have the label: `intensity:AU12`.

    Raises:
        MienError: a word that names none of the model's outputs; these are listed.
    """
    head_name, colon, rest = word.partition(":")
    heads = (spec.head(head_name.strip()),) if colon else spec.heads
    wanted = (rest if colon else word).strip()
    likeliest = next((head for head in heads if head.kind in ("emotion", "classes")), None)
    if wanted.lower() == LIKELIEST and likeliest is not None:
        return Target(spec, likeliest, None)
    for head in heads:
        for label in head.labels:
            if label in (wanted, _emotion(wanted), _unit(wanted)) or label.lower() == wanted.lower():
                return Target(spec, head, label)
    have = [LIKELIEST] * (likeliest is not None) + [label for head in heads for label in head.labels]
    kind = "" if _is_known(wanted) else f"; emotions are {', '.join(EMOTIONS)}, units are written AU12"
    raise MienError(f"--target {word}: model {spec.name} says {', '.join(have) or 'nothing'}{kind}")


def _spelled(word: str, reading: Callable[[str], str]) -> str:
    try:
        return reading(word)
    except MienError:
        return ""


def _emotion(word: str) -> str:
    return _spelled(word, emotion)


def _unit(word: str) -> str:
    return _spelled(word, action_unit)


def _is_known(word: str) -> bool:
    return bool(_emotion(word)) or _unit(word) in ACTION_UNITS or word.lower() in (*AFFECT, LIKELIEST)
