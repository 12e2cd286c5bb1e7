"""The head of action units' intensities: one amount a unit on FACS' scale, 0 absent and 1..5 for A..E."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.face_set import FaceSet
from mien.datasets.units import STRONGEST, intensity
from mien.errors import MienError
from mien.lab.heads.action_units import rarest_shown
from mien.lab.heads.head_kind import HeadKind, HeadLoss, Learnt, register
from mien.lab.heads.ordinal_loss import Ordinal, SquaredError
from mien.labels import action_unit
from mien.model_spec import Head
from mien.score.agreement import intraclass_correlation

if TYPE_CHECKING:
    from mien.lab.train.recipe import Balance, Data, HeadRecipe


@register("intensity")
class Intensity(HeadKind):
    """`kind = "intensity"`: an amount a unit, learnt as an ordered scale or by squared error."""

    losses = ("ordinal", "mse")
    metrics = ("icc", "negative_mae")
    percent = False
    regression = True

    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        units = tuple(action_unit(name) for name in plan.units) or faces.action_units
        coded = np.asarray(np.isfinite(intensity(faces, units)).any(axis=0))
        missing = [name for name, there in zip(units, coded.tolist(), strict=True) if not there]
        if plan.units and missing:
            raise MienError(
                f"{faces.name}: heads.{plan.name}.units: no intensity of {missing[0]} is coded; leave it out"
            )
        found = tuple(name for name in units if name not in missing)
        if not found:
            raise MienError(
                f"{faces.name}: heads.{plan.name}: no intensities in this data set; docs/data.md says which have"
            )
        return Head(plan.name, "intensity", found, "intensity", activation="none")

    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        return _rarest(intensity(faces, [action_unit(name) for name in plan.units] or None))

    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        amounts = intensity(faces, head.labels)
        return Learnt(np.nan_to_num(amounts), np.isfinite(amounts).astype(np.float32), _rarest(amounts))

    def loss(self, plan: HeadRecipe, target: Tensor, weight: Tensor, hard: Tensor, balance: Balance) -> HeadLoss:
        return SquaredError() if plan.loss == "mse" else Ordinal()

    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        true = np.where(weight.numpy() > 0, target.numpy(), np.nan).astype(np.float64)
        said = logits.clamp(0, STRONGEST).numpy().astype(np.float64)
        each = [_icc(true[:, k], said[:, k]) for k in range(len(head.labels))]
        error = np.nanmean(np.abs(true - said)) if np.isfinite(true).any() else np.nan
        return {
            "loss": float(Ordinal()(logits, target, weight)),
            "icc": float(np.nanmean(each)) if np.isfinite(each).any() else float("nan"),
            "negative_mae": -float(error),
        } | {f"icc_{name}": value for name, value in zip(head.labels, each, strict=True)}


def _rarest(amounts: NDArray[np.float32]) -> NDArray[np.int64]:
    return rarest_shown(np.where(np.isfinite(amounts), amounts > 0, np.nan).astype(np.float32))


def _icc(true: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    return intraclass_correlation(np.stack([true, said], axis=1))
