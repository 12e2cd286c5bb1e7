"""The heads of emotions of a model that has others as well, each as `mien.evaluate` scores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.answers import JUDGED
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictor import Predictor
from mien.evaluate.scores import Evaluation
from mien.evaluate.units.one_head import OneHead
from mien.model_spec import Head


def score_emotions(
    predictor: Predictor, name: str, faces: FaceSet, split: str, heads: Sequence[Head], how: Mapping[str, Any]
) -> tuple[dict[str, Evaluation], dict[str, str]]:
    """What each head scores, and those that `mien.evaluate` refuses with its reasons.

    Args:
        name: what to call the model.
        heads: of kind `emotion`, `classes`, or `emotion_units`, whose emotions are then judged.
        how: further arguments of `mien.evaluate`.
    """
    only = sum(head.kind in JUDGED for head in predictor.spec.heads) == 1  # else `labels` would choose among them
    found, refused = {}, {}
    for head in heads:
        alone = OneHead(predictor, head)
        said = predictor if only and head.kind in JUDGED else alone
        try:
            found[alone.head.name] = _named(evaluate(said, faces, split, **how), name)
        except MienError as error:
            refused[alone.head.name] = str(error)
    return found, refused


def _named(found: Evaluation, name: str) -> Evaluation:
    return replace(found, model=name, predictions=replace(found.predictions, model=name))
