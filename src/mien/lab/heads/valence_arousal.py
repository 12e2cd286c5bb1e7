"""The head of valence and arousal, -1 to 1 each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.face_set import FaceSet
from mien.datasets.subset import quadrants
from mien.errors import MienError
from mien.lab.heads.affect_losses import AffectLoss
from mien.lab.heads.head_kind import HeadKind, HeadLoss, Learnt, register
from mien.labels import AFFECT
from mien.model_spec import Head
from mien.score.concordance import concordance, root_mean_squared_error, sign_agreement

if TYPE_CHECKING:
    from mien.lab.train.recipe import Balance, Data, HeadRecipe


@register("valence_arousal")
class ValenceArousal(HeadKind):
    """`kind = "valence_arousal"`: two numbers in -1..1, by tanh, or as they are with `activation = "none"`."""

    losses = ("both", "mse", "ccc", "rmse")
    metrics = ("ccc", "negative_rmse", "sign_agreement")
    percent = False
    regression = True

    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        there = np.asarray(np.isfinite(affect_of(faces)).any(axis=0))
        missing = [name for name, has in zip(AFFECT, there.tolist(), strict=True) if not has]
        if missing:
            raise MienError(
                f"{faces.name}: heads.{plan.name}: no {missing[0]} in this data set; docs/data.md says which have"
            )
        return Head(plan.name, "valence_arousal", AFFECT, "valence_arousal", activation=plan.activation or "tanh")

    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        return quadrants(*affect_of(faces).T)

    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        values = affect_of(faces)
        known = np.isfinite(values)
        return Learnt(np.nan_to_num(values), known.astype(np.float32), quadrants(*values.T))

    def loss(self, plan: HeadRecipe, target: Tensor, weight: Tensor, hard: Tensor, balance: Balance) -> HeadLoss:
        return AffectLoss(plan.loss or "both", plan.activation or "tanh")

    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        true = np.where(weight.numpy() > 0, target.numpy(), np.nan).T
        said = (logits.tanh() if head.activation == "tanh" else logits.clamp(-1, 1)).numpy().T
        ccc, rmse = concordance(true, said), root_mean_squared_error(true, said)
        return {
            "loss": float(AffectLoss("both", head.activation)(logits, target, weight)),
            "ccc": float(np.mean(ccc)),
            "negative_rmse": -float(np.mean(rmse)),
            "sign_agreement": float(np.mean(sign_agreement(true, said))),
            **{f"ccc_{name}": float(value) for name, value in zip(AFFECT, ccc, strict=True)},
            **{f"rmse_{name}": float(value) for name, value in zip(AFFECT, rmse, strict=True)},
        }


def affect_of(faces: FaceSet) -> NDArray[np.float32]:
    """(n, 2) valence and arousal, NaN where a face has none."""
    absent = np.full(len(faces), np.nan, np.float32)
    return np.stack([faces.targets.get(name, absent) for name in AFFECT], axis=1).astype(np.float32)
