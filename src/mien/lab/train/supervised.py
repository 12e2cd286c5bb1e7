"""Learning from labels: every head's loss on augmented faces, classes evened out as the recipe says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from mien.datasets.face_set import FaceSet
from mien.lab.models.face_net import FaceNet
from mien.lab.train.batches import FaceTensors, Targets, model_heads
from mien.lab.train.class_weights import class_weights
from mien.lab.train.losses import HeadLoss, head_loss
from mien.lab.train.method import Method
from mien.lab.train.model_facts import make_net, model_spec
from mien.lab.train.recipe import Recipe
from mien.lab.train.splits import training_and_validation
from mien.lab.train.start import start_from
from mien.lab.train.validate import predict, validation_scores


class Supervised(Method):
    """`method = "supervised"`."""

    def __init__(self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool) -> None:
        self.recipe, self.accelerator, self.bf16 = recipe, accelerator, bf16
        training, validation = training_and_validation(recipe, faces)
        device = accelerator.device
        heads = model_heads(faces, recipe.heads, recipe.data)
        self.training = FaceTensors(training, recipe.heads, recipe.input, device, recipe.data)
        self.validation = FaceTensors(validation, recipe.heads, recipe.input, device, recipe.data)
        self.net = make_net(recipe, heads, device)
        if recipe.init:
            start_from(self.net, heads, recipe.init)
        self.model: nn.Module = self.net
        self.rows, self.chosen_on = len(training), len(validation)
        precision = "bf16" if bf16 else "fp32"
        self.spec = model_spec(recipe, self.net, heads, faces, (self.rows, self.chosen_on), precision)
        self.losses = {plan.name: self._head_loss(plan.name) for plan in recipe.heads}
        self.selected = recipe.train.select or recipe.heads[0].name

    def steps(self) -> int:
        return self.training.steps(self.recipe.train)

    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[tuple[Tensor, Targets]]:
        return self.training.epoch(
            self.recipe.augment,
            batch=self.recipe.train.batch,
            side=side,
            seed=(self.recipe.seed, epoch),
            shard=shard,
            balance=self.recipe.balance,
            steps=self.steps(),
        )

    def loss(self, model: nn.Module, batch: tuple[Tensor, Targets]) -> Tensor:
        x, targets = batch
        logits = model(x)
        loss = torch.zeros((), device=logits.device)
        world = self.accelerator.num_processes
        for plan in self.recipe.heads:
            head = self.losses[plan.name]
            target, given = targets[plan.name]
            weight = head.weight(target, given)
            # a batch's loss is one mean over all its faces, whichever process holds them
            total = weight.sum() if world == 1 else self.accelerator.reduce(weight.sum(), "mean")
            loss = loss + plan.weight * head(logits[:, self.spec.columns(plan.name)], target, weight, total)
        return loss

    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        logits = predict(net, self.validation, bf16=self.bf16, accelerator=self.accelerator)
        scores = validation_scores(logits, self.validation, self.spec, self.selected)
        return scores | {"val_top1": scores[f"val_top1_{self.selected}"]}

    def score(self, row: dict[str, Any]) -> float:
        return float(row[f"val_{self.recipe.train.metric}"])

    def pictures(self, epoch: int) -> Iterator[Tensor]:
        side = (self.recipe.input.height, self.recipe.input.width)
        for x, _ in self.batches(epoch, side, (0, 1)):
            yield x

    def _head_loss(self, name: str) -> HeadLoss:
        """What [balance] asks of its head; the others keep plain cross-entropy."""
        balance = self.recipe.balance
        if name != (balance.head or self.recipe.heads[0].name):
            return HeadLoss()
        counts = self.training.counts(name).to(self.accelerator.device)
        weights = None if balance.class_weights == "none" else class_weights(counts, balance)
        return head_loss(counts, weights, balance.logit_adjustment, balance.focal)
