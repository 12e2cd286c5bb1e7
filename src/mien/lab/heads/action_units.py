"""Heads of action units: each there or not, alone, with a column for none of them, or beside the emotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.classes import check_scheme, classes_of
from mien.datasets.face_set import FaceSet
from mien.datasets.units import occurrence
from mien.errors import MienError
from mien.lab.heads.head_kind import HeadKind, HeadLoss, Learnt, register
from mien.lab.heads.unit_losses import Asymmetric, Bce, positive_weights
from mien.labels import EMOTIONS, NO_UNIT, action_unit
from mien.model_spec import Head
from mien.score.multilabel import per_unit

if TYPE_CHECKING:
    from mien.lab.train.recipe import Balance, Data, HeadRecipe

Floats = NDArray[np.float32]


@register("action_units")
class ActionUnits(HeadKind):
    """`kind = "action_units"`: a sigmoid a unit; with `background` one more for a face that shows none of them."""

    losses = ("bce", "weighted_bce", "asymmetric")
    metrics = ("f1", "average_precision", "roc_auc")

    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        labels = (*units_of(faces, plan), *((NO_UNIT,) if plan.background else ()))
        return Head(plan.name, "action_units", labels, "action_units", activation="sigmoid")

    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        return rarest_shown(occurrence(faces, [action_unit(name) for name in plan.units] or None))

    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        units = [name for name in head.labels if name != NO_UNIT]
        said = occurrence(faces, units)
        hard = rarest_shown(said)
        if plan.background:
            said = np.concatenate([said, _nothing(said)[:, None]], axis=1)
        return Learnt(np.nan_to_num(said), np.isfinite(said).astype(np.float32), hard)

    def loss(self, plan: HeadRecipe, target: Tensor, weight: Tensor, hard: Tensor, balance: Balance) -> HeadLoss:
        if plan.loss == "asymmetric":
            return Asymmetric(plan.gamma_positive, plan.gamma_negative, plan.margin)
        return Bce(positive_weights(target, weight) if plan.loss == "weighted_bce" else None)

    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        true = np.where(weight.numpy() > 0, target.numpy(), np.nan)
        found = per_unit(true, logits.sigmoid().numpy())
        return {
            "loss": float(Bce()(logits, target, weight)),
            "f1": found.macro("f1"),
            "average_precision": 100 * found.macro("average_precision"),
            "roc_auc": 100 * found.macro("roc_auc"),
        } | {f"f1_{name}": float(f1) for name, f1 in zip(head.labels, found.f1, strict=True)}


@register("emotion_units")
class EmotionUnits(ActionUnits):
    """`kind = "emotion_units"`: the emotions of `labels` and the units in one head, a sigmoid each: 18 of 7 and 11."""

    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        names = classes_of(faces, plan.labels, data.drop, {}).names
        return Head(plan.name, "emotion_units", (*names, *units_of(faces, plan)), plan.labels, activation="sigmoid")

    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        check_scheme(faces, plan.labels)
        by_units = super().classes(faces, plan)
        emotions = faces.hard(plan.labels)
        behind = emotions + 1 + by_units.max(initial=0)
        return np.where(emotions >= 0, behind, by_units)

    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        classes = classes_of(faces, plan.labels, data.drop, {})
        emotions = classes.soft if plan.target == "soft" else _one_hot(classes.hard, len(classes.names))
        said = np.concatenate([emotions, occurrence(faces, head.labels[len(classes.names) :])], axis=1)
        return Learnt(np.nan_to_num(said), np.isfinite(said).astype(np.float32), classes.hard)

    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        emotions = sum(name in EMOTIONS for name in head.labels)
        cut = (target > 0.5).float()  # votes of several emotions count for what most people said
        found = super().scores(logits, cut, weight, hard, head)
        known = hard >= 0
        right = logits[known, :emotions].argmax(1) == hard[known]
        return found | {"top1": 100 * float(right.float().mean()) if len(right) else float("nan")}


def units_of(faces: FaceSet, plan: HeadRecipe) -> tuple[str, ...]:
    """The units that a head learns: those of the recipe, else all that the set codes and some face shows.

    Raises:
        MienError: none, or one that no face of the set shows.
    """
    asked = tuple(action_unit(name) for name in plan.units)
    coded = faces.action_units if "action_units" in faces.targets else ()
    for name in asked:
        if name not in coded:
            have = ", ".join(coded) or "no action units"
            raise MienError(f"{faces.name}: heads.{plan.name}.units: {name} is not coded; the set has {have}")
    shown = np.nansum(occurrence(faces, asked or coded), axis=0) > 0
    for name, there in zip(asked, shown.tolist(), strict=False):
        if not there:
            raise MienError(f"{faces.name}: heads.{plan.name}.units: no face shows {name}; leave it out")
    found = asked or tuple(name for name, there in zip(coded, shown.tolist(), strict=True) if there)
    if not found:
        raise MienError(
            f"{faces.name}: heads.{plan.name}: no action units in this data set; docs/data.md says which have"
        )
    return found


def rarest_shown(said: Floats) -> NDArray[np.int64]:
    """(n,) position of the rarest unit that each face shows, k where it shows none of those known, -1 without labels.

    By these the samplers even out: a face counts by the rarest thing that it can teach.
    """
    counts = np.nansum(said, axis=0)
    known = np.isfinite(said).any(axis=1)
    cost = np.where(np.nan_to_num(said) > 0, counts[None, :], np.inf)
    hard = np.where(np.isfinite(cost).any(axis=1), cost.argmin(axis=1), said.shape[1])
    return np.where(known, hard, -1).astype(np.int64)


def _nothing(said: Floats) -> Floats:
    """(n,) 1 where all units are known not to be shown, 0 where one is shown, NaN where that is open."""
    shown, open_ = np.nansum(said, axis=1) > 0, np.isnan(said).any(axis=1)
    return np.where(shown, 0, np.where(open_, np.nan, 1)).astype(np.float32)


def _one_hot(hard: NDArray[np.int64], k: int) -> Floats:
    out = np.full((len(hard), k), np.nan, np.float32)
    out[hard >= 0] = np.eye(k, dtype=np.float32)[hard[hard >= 0]]
    return out
