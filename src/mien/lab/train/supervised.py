"""Learning from labels: every head's loss on augmented faces, classes evened out as the recipe says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from mien.datasets.face_set import FaceSet
from mien.lab.augment.draw import Draw
from mien.lab.heads.head_kind import HeadKind, HeadLoss, kind_of
from mien.lab.models.face_net import Answer, FaceNet
from mien.lab.train.batches import FaceTensors, Targets, model_heads
from mien.lab.train.centre_loss import CentreLoss
from mien.lab.train.learner import Learner, rest_sides
from mien.lab.train.method import Method
from mien.lab.train.model_facts import make_net, model_spec
from mien.lab.train.recipe import Balance, HeadRecipe, Recipe
from mien.lab.train.splits import emotion_schemes, training_and_validation
from mien.lab.train.start import start_from
from mien.lab.train.task_weights import GradientBalance, TaskWeights, Uncertainty
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
        self.training = FaceTensors(training, recipe.heads, recipe.input, device, recipe.data, heads)
        self.validation = FaceTensors(validation, recipe.heads, recipe.input, device, recipe.data, heads)
        self.variants = variants_of(training, recipe.data, recipe.input, device, emotion_schemes(recipe))
        self.net = make_net(recipe, heads, device)
        self._start(heads)
        self.rows, self.chosen_on = len(training), len(validation)
        precision = "bf16" if bf16 else "fp32"
        self.spec = model_spec(recipe, self.net, heads, faces, (self.rows, self.chosen_on), precision)
        self.losses = {plan.name: self._head_loss(plan) for plan in recipe.heads}
        self.selected = recipe.train.select or recipe.heads[0].name
        self.told = tuple(f"val_{kind_of(head.kind).metrics[0]}_{head.name}" for head in heads)
        self.centres, self.tasks = self._centres(), self._tasks()
        self.model: nn.Module = self._learner()
        self.learner = self.model  # itself, whatever is wrapped around the model
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
        losses, seen = {}, {}
        for plan in self.recipe.heads:
            head, columns = self.losses[plan.name], self.spec.columns(plan.name)
            target, given = targets[plan.name]
            weight = head.weight(target, given)
            seen[plan.name] = total = self._over_all(weight)
            each = [
                share * self.head_loss(plan, logits[:, columns], targets, weight, total) for share, logits in weighted
            ]
            losses[plan.name] = plan.weight * torch.stack(each).sum()
        if self.tasks is None:
            loss = torch.stack(list(losses.values())).sum()
        else:
            loss = self.tasks(losses, seen, self._read())
        if answer.extra is not None:
            loss = loss + answer.extra
        if self.centres is not None and self._epoch >= self.recipe.loss.centre_epoch:
            loss = loss + self.recipe.loss.centre * self._from_centres(answer.embedding, *targets[self.selected])
        return loss

    def head_loss(self, plan: HeadRecipe, logits: Tensor, targets: Targets, weight: Tensor, total: Tensor) -> Tensor:
        """A head's loss of its logits (n, k); `weight` (n,) or (n, k) is what its faces count, `total` their sum."""
        return self.losses[plan.name](logits, targets[plan.name][0], weight, total)

    def after_step(self, progress: float) -> None:
        if self.centres is not None and self._met is not None:
            self.centres.move(*self._met, self.accelerator)
            self._met = None

    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        logits = predict(net, self.validation, bf16=self.bf16, accelerator=self.accelerator)
        return validation_scores(logits, self.validation, self.spec, self.selected)

    def score(self, row: dict[str, Any]) -> float:
        return float(row[f"val_{self.recipe.train.metric or self._kind(self.selected).metrics[0]}"])

    def _kind(self, name: str) -> HeadKind:
        return kind_of(self.spec.head(name).kind)

    def pictures(self, epoch: int) -> Iterator[Tensor]:
        side = (self.recipe.input.height, self.recipe.input.width)
        for x, _ in self.batches(epoch, side, (0, 1)):
            yield x

    def _over_all(self, weight: Tensor) -> Tensor:
        """What a sum by these weights is divided by: a batch's loss is one mean, whichever process holds a face."""
        alone = self.accelerator.num_processes == 1
        return weight.sum() if alone else self.accelerator.reduce(weight.sum(), "mean")

    def _read(self) -> Tensor:
        """The embedding of this step, as the heads read it."""
        assert isinstance(self.learner, Learner)
        assert self.learner.read is not None
        return self.learner.read

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
        more = sides or self.centres is not None or self.tasks is not None
        return Learner(self.net, self.centres, self.tasks) if more else self.net

    def _tasks(self) -> TaskWeights | None:
        """What weighs several heads against each other; None where their losses are summed as they are."""
        names, how = [plan.name for plan in self.recipe.heads], self.recipe.loss.heads
        if how == "fixed" or len(names) < 2:
            return None
        if how == "gradient":
            return GradientBalance(names, self.accelerator).to(self.accelerator.device)
        return Uncertainty({name: self._kind(name).regression for name in names}).to(self.accelerator.device)

    def _head_loss(self, plan: HeadRecipe) -> HeadLoss:
        """What [balance] asks of its head; the others learn plainly."""
        mine = plan.name == (self.recipe.balance.head or self.recipe.heads[0].name)
        target, weight = self.training.targets[plan.name]
        balance = self.recipe.balance if mine else Balance()
        return kind_of(plan.kind).loss(plan, target, weight, self.training.hard[plan.name], balance)
