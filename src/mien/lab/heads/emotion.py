"""The emotion head: one distribution over a label scheme's emotions, some left out or merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.classes import Classes, check_scheme, classes_of
from mien.datasets.face_set import FaceSet
from mien.lab.heads.head_kind import HeadKind, HeadLoss, Learnt, register
from mien.lab.train.class_weights import class_weights, log_priors
from mien.lab.train.losses import soft_cross_entropy, soft_focal
from mien.model_spec import Head
from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1, per_class

if TYPE_CHECKING:
    from mien.lab.train.recipe import Balance, Data, HeadRecipe


@dataclass(frozen=True, slots=True)
class EmotionLoss(HeadLoss):
    """Cross-entropy or focal loss against distributions, evened out as the recipe's [balance] says."""

    class_weight: Tensor | None = None  # (k,)
    adjustment: Tensor | None = None  # (k,) tau * log prior, added to the logits (Menon et al. 2021, eq. 10)
    gamma: float = 0.0

    def weight(self, target: Tensor, weight: Tensor) -> Tensor:
        """(n,) weight of each face: its own times its class's."""
        return weight if self.class_weight is None else weight * (target @ self.class_weight)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        """The loss of (n, k) logits; `weight` comes from `self.weight`."""
        if self.adjustment is not None:
            logits = logits.float() + self.adjustment
        if self.gamma:
            return soft_focal(logits, target, weight, self.gamma, total)
        return soft_cross_entropy(logits, target, weight, total)


def emotion_loss(counts: Tensor, balance: Balance) -> EmotionLoss:
    """An emotion head's loss from the (k,) counts of its classes."""
    weights = None if balance.class_weights == "none" else class_weights(counts, balance)
    tau = balance.logit_adjustment
    adjustment = (tau * log_priors(counts)).float() if tau else None
    return EmotionLoss(weights, adjustment, balance.focal)


@register("emotion")
class Emotion(HeadKind):
    """`kind = "emotion"`: softmax over the emotions of `labels`."""

    losses = ("cross_entropy",)
    metrics = ("top1", "macro_f1", "balanced_accuracy")

    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        classes = _classes(faces, plan, data)
        if classes.merged:
            return Head(plan.name, "classes", classes.names, plan.labels, members=classes.members)
        return Head(plan.name, "emotion", classes.names, plan.labels)

    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        check_scheme(faces, plan.labels)
        return faces.hard(plan.labels)

    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        classes = _classes(faces, plan, data)
        target, known = _smoothed(classes, plan)
        return Learnt(target, known.astype(np.float32), classes.hard)

    def loss(self, plan: HeadRecipe, target: Tensor, weight: Tensor, hard: Tensor, balance: Balance) -> HeadLoss:
        counts = torch.bincount(hard[hard >= 0], minlength=target.shape[1]).to(target.device)
        return emotion_loss(counts, balance)

    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        known = hard >= 0
        said, true = logits.argmax(dim=1)[known].numpy(), hard[known].numpy()
        confusion = confusion_matrix(true, said, len(head.labels))
        recalls = per_class(confusion).recall.tolist()
        return {
            "loss": float(soft_cross_entropy(logits, target, weight)),
            "top1": float((said == true).mean()) * 100 if len(true) else float("nan"),
            "macro_f1": float(macro_f1(confusion)),
            "balanced_accuracy": float(balanced_accuracy(confusion)),
        } | {f"recall_{name}": recall for name, recall in zip(head.labels, recalls, strict=True)}


def _classes(faces: FaceSet, plan: HeadRecipe, data: Data) -> Classes:
    """Some emotions left out or merged as the recipe says."""
    return classes_of(faces, plan.labels, data.drop, data.merge)


def _smoothed(classes: Classes, plan: HeadRecipe) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(n, k) what a head shall say of each face, and whether the face has such a label."""
    k = len(classes.names)
    target = classes.soft
    if plan.target == "hard":
        target = np.full_like(classes.soft, np.nan)
        known = classes.hard >= 0
        target[known] = np.eye(k, dtype=np.float32)[classes.hard[known]]
    known = np.asarray(np.isfinite(target).all(axis=1), np.bool_)
    filled = np.where(known[:, None], target, 1 / k)
    return ((1 - plan.label_smoothing) * filled + plan.label_smoothing / k).astype(np.float32), known
