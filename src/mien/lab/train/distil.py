"""`method = "distil"`: a student learns what its teachers say of the training faces, beside their labels.

Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network". Teachers look at each face once, not
augmented; the student sees it augmented. Labels that annotators doubt are where a teacher's word helps most.
"""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import Tensor

from mien.datasets.classes import classes_of
from mien.datasets.face_set import FaceSet
from mien.lab.train.batches import Targets
from mien.lab.train.losses import soft_cross_entropy
from mien.lab.train.recipe import HeadRecipe, Recipe
from mien.lab.train.splits import as_cut
from mien.lab.train.supervised import Supervised
from mien.lab.train.teachers import taught

TEACHERS = " teachers"
"""Where their word lies among the targets; no head's name begins with a blank."""


class Distillation(Supervised):
    """Supervised training whose taught head has two losses: against its labels, and against its teachers."""

    def __init__(
        self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool, quiet: bool = True
    ) -> None:
        self._quiet = quiet or not accelerator.is_main_process
        super().__init__(recipe, faces, accelerator, bf16)
        self.training.targets[TEACHERS] = self._said

    def _sides(self, faces: FaceSet) -> tuple[FaceSet, FaceSet]:
        """The same, and what teachers say of the first."""
        training, validation = super()._sides(faces)
        settings, plan = self.recipe.distil, taught_head(self.recipe)
        data, asked = as_cut(self.recipe.data, faces)
        classes = classes_of(faces, plan.labels, data.drop, data.merge)
        device = self.accelerator.device
        said, known = taught(settings, plan, asked, data.train, training, classes, device.type, quiet=self._quiet)
        softened = soften(torch.from_numpy(said), settings.temperature)
        self.taught, self._said = plan.name, (softened.to(device), torch.from_numpy(known).to(device))
        return training, validation

    def head_loss(self, plan: HeadRecipe, logits: Tensor, targets: Targets, weight: Tensor, total: Tensor) -> Tensor:
        by_label = super().head_loss(plan, logits, targets, weight, total)
        if plan.name != self.taught:
            return by_label
        settings = self.recipe.distil
        said, known = targets[TEACHERS]
        by_teachers = distillation(logits, said, known, settings.temperature, self._over_all(known))
        return (1 - settings.weight) * by_label + settings.weight * by_teachers


def taught_head(recipe: Recipe) -> HeadRecipe:
    """The head that teachers speak of."""
    return next(plan for plan in recipe.heads if plan.name == (recipe.distil.head or recipe.heads[0].name))


def soften(probabilities: Tensor, temperature: float) -> Tensor:
    """(n, k) probabilities -> softmax(log p / T)."""
    return torch.softmax(probabilities.double().clamp_min(1e-12).log() / temperature, dim=1).float()


def distillation(logits: Tensor, said: Tensor, known: Tensor, temperature: float, total: Tensor) -> Tensor:
    """T^2 times the cross-entropy of softmax(logits / T) against what teachers said at T, the mean over known faces.

    T^2 keeps the gradient's size (section 2.1 of the paper). At T = 1 it is plain cross-entropy.

    Args:
        logits: (n, k) of the taught head.
        said: (n, k) softened distributions, or mixtures of two.
        known: (n,) weights, 0 where no teacher spoke.
        total: what the sum is divided by.
    """
    return temperature**2 * soft_cross_entropy(logits / temperature, said, known, total)
