"""Learning from labels: every head's loss on augmented faces, classes evened out as the recipe says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from mien.datasets.face_set import FaceSet
from mien.lab.augment.draw import Draw
from mien.lab.models.face_net import Answer, FaceNet
from mien.lab.train.batches import FaceTensors, Targets, model_heads
from mien.lab.train.centre_loss import CentreLoss
from mien.lab.train.class_weights import class_weights
from mien.lab.train.learner import Learner, rest_sides
from mien.lab.train.losses import HeadLoss, head_loss
from mien.lab.train.method import Method
from mien.lab.train.model_facts import make_net, model_spec
from mien.lab.train.recipe import Recipe
from mien.lab.train.splits import training_and_validation
from mien.lab.train.start import start_from
from mien.lab.train.validate import predict, validation_scores
from mien.lab.train.variants import variants_of
from mien.model_spec import Head


class Supervised(Method):
    """`method = "supervised"`."""

    def __init__(self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool) -> None:
        self.recipe, self.accelerator, self.bf16 = recipe, accelerator, bf16
        training, validation = self._sides(faces)
        device = accelerator.device
        heads = model_heads(faces, recipe.heads, recipe.data)
        self.training = FaceTensors(training, recipe.heads, recipe.input, device, recipe.data)
        self.validation = FaceTensors(validation, recipe.heads, recipe.input, device, recipe.data)
        labels = [plan.labels for plan in recipe.heads]
        self.variants = variants_of(training, recipe.data, recipe.input, device, labels)
        self.net = make_net(recipe, heads, device)
        self._start(heads)
        self.rows, self.chosen_on = len(training), len(validation)
        precision = "bf16" if bf16 else "fp32"
        self.spec = model_spec(recipe, self.net, heads, faces, (self.rows, self.chosen_on), precision)
        self.losses = {plan.name: self._head_loss(plan.name) for plan in recipe.heads}
        self.selected = recipe.train.select or recipe.heads[0].name
        self.centres = self._centres()
        self.model: nn.Module = self._learner()
        self._epoch = 0
        self._met: tuple[Tensor, Tensor, Tensor] | None = None  # what the centres move by after the step

    def _sides(self, faces: FaceSet) -> tuple[FaceSet, FaceSet]:
        """What is learnt from, and what epochs are chosen on."""
        return training_and_validation(self.recipe, faces)

    def _start(self, heads: tuple[Head, ...]) -> None:
        """The network's first weights, where they are not random."""
        if self.recipe.init:
            start_from(self.net, heads, self.recipe.init)

    def steps(self) -> int:
        return self.training.steps(self.recipe.train)

    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[tuple[Tensor, Targets]]:
        self._epoch = epoch
        return self.training.epoch(
            self.recipe.augment,
            batch=self.recipe.train.batch,
            side=side,
            seed=(self.recipe.seed, epoch),
            shard=shard,
            balance=self.recipe.balance,
            steps=self.steps(),
            exchange=self._exchange if self.variants else None,
        )

    def _exchange(self, rows: Tensor, pictures: Tensor, draw: Draw) -> Tensor:
        assert self.variants is not None
        return self.variants.pick(rows, pictures, draw, self.recipe.data.variants_probability)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Targets]) -> Tensor:
        x, targets = batch
        said = model(x)
        answer = said if isinstance(said, Answer) else Answer(said, said)
        asked = answer.sides if self.recipe.loss.sides and self.net.side_weights else ()
        weighted = [(1.0, answer.logits), *zip(self.net.side_weights, asked, strict=bool(asked))]
        loss = torch.zeros((), device=answer.logits.device)
        for plan in self.recipe.heads:
            head, columns = self.losses[plan.name], self.spec.columns(plan.name)
            target, given = targets[plan.name]
            weight = head.weight(target, given)
            total = self._over_all(weight)
            for share, logits in weighted:
                loss = loss + share * plan.weight * head(logits[:, columns], target, weight, total)
        if answer.extra is not None:
            loss = loss + answer.extra
        if self.centres is not None and self._epoch >= self.recipe.loss.centre_epoch:
            loss = loss + self.recipe.loss.centre * self._from_centres(answer.embedding, *targets[self.selected])
        return loss

    def after_step(self, progress: float) -> None:
        if self.centres is not None and self._met is not None:
            self.centres.move(*self._met, self.accelerator)
            self._met = None

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

    def _over_all(self, weight: Tensor) -> Tensor:
        """What a sum by these weights is divided by: a batch's loss is one mean, whichever process holds a face."""
        alone = self.accelerator.num_processes == 1
        return weight.sum() if alone else self.accelerator.reduce(weight.sum(), "mean")

    def _from_centres(self, embedding: Tensor, target: Tensor, given: Tensor) -> Tensor:
        assert self.centres is not None
        self._met = (embedding.detach(), target, given)
        away: Tensor = self.centres(embedding, target, given, self._over_all(given))
        return away

    def _centres(self) -> CentreLoss | None:
        settings = self.recipe.loss
        if not settings.centre:
            return None
        assert self.spec.embedding is not None
        columns = self.spec.columns(self.selected)
        classes = columns.stop - columns.start
        return CentreLoss(classes, self.spec.embedding, settings.centre_lr).to(self.accelerator.device)

    def _learner(self) -> nn.Module:
        """The network, or a module that says more than its logits where more is learnt."""
        sides = bool(self.net.side_weights) and self.recipe.loss.sides
        if self.net.side_weights and not sides:
            rest_sides(self.net, self.spec.channels, (self.spec.height, self.spec.width))
        return Learner(self.net, self.centres) if sides or self.centres is not None else self.net

    def _head_loss(self, name: str) -> HeadLoss:
        """What [balance] asks of its head; the others keep plain cross-entropy."""
        balance = self.recipe.balance
        if name != (balance.head or self.recipe.heads[0].name):
            return HeadLoss()
        counts = self.training.counts(name).to(self.accelerator.device)
        weights = None if balance.class_weights == "none" else class_weights(counts, balance)
        return head_loss(counts, weights, balance.logit_adjustment, balance.focal)
