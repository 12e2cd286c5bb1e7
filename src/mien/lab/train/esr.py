"""Learning an ESR branch by branch (Siqueira et al. 2020): here one stage, in which one branch is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from mien.datasets.face_set import FaceSet
from mien.ensemble.branches import mean, votes
from mien.lab.models.esr import Attention, Esr
from mien.lab.models.face_net import FaceNet
from mien.lab.predict import weights_of
from mien.lab.train.batches import Targets
from mien.lab.train.diversity import diversity
from mien.lab.train.esr_affect import KIND, affect_layers, branch_errors, learning, resolved
from mien.lab.train.esr_data import of_branch
from mien.lab.train.esr_start import check_kept, take
from mien.lab.train.freezing import sleep
from mien.lab.train.recipe import Recipe
from mien.lab.train.splits import training_and_validation
from mien.lab.train.supervised import Supervised
from mien.lab.train.task_weights import TaskWeights
from mien.lab.train.validate import predict, validation_scores
from mien.model_spec import Head
from mien.runtime.branch_disagreement import disagreement

_FAR = 1_000_000  # epochs between the seeds of two stages


@dataclass(frozen=True, slots=True)
class Stage:
    """Which branch is new, counted from 1, and the weights of the base and the branches before it."""

    branch: int
    before: Path | None = None


class Voters(nn.Module):
    """What a step calls: pictures -> what each branch says (n, branches, k), and where an ESR* looks."""

    def __init__(self, net: Esr, attention: bool, tasks: TaskWeights | None = None) -> None:
        super().__init__()
        self.net, self.attention, self.tasks = net, attention, tasks
        self.read: Tensor | None = None  # the embedding, where it is what heads are weighed by

    def forward(self, x: Tensor) -> tuple[Tensor, Attention | None]:
        feature_map, looked = self.net.attend(x) if self.attention else (self.net.features(x), None)
        embedding = self.net.pool(feature_map)
        self.read = embedding if self.tasks is not None else None
        return self.net.branch_logits(embedding), looked


class EsrStage(Supervised):
    """`method = "esr"`, one stage: a network of `stage.branch` branches whose losses are summed.

    The base and the branches before start from `stage.before`, the new one freshly, or all of them from the
    same branches of the recipe's `init`. With `esr.learns = "affect"` the branches' layers of valence and arousal
    learn alone, and every norm keeps its statistics.
    """

    net: Esr
    later_ties = True  # as published: of epochs with the same accuracy the later is kept

    def __init__(self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool, stage: Stage) -> None:
        self.stage = stage
        super().__init__(recipe_of_stage(recipe, stage.branch), faces, accelerator, bf16)
        for module in self._frozen():
            module.requires_grad_(False)
        if self._affect_alone:
            for layer in affect_layers(self.net):
                layer.requires_grad_(True)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Targets]) -> Tensor:
        x, targets = batch
        said, looked = model(x)
        losses, seen = {}, {}
        for plan in learning(self.recipe):
            head, columns = self.losses[plan.name], self.spec.columns(plan.name)
            target, given = targets[plan.name]
            weight = head.weight(target, given)
            seen[plan.name] = total = self._over_all(weight)
            of_head = torch.zeros((), device=said.device)
            for branch in said.unbind(dim=1):
                of_head = of_head + plan.weight * head(branch[:, columns], target, weight, total)
            losses[plan.name] = of_head
        loss = torch.stack([*losses.values()]).sum() if self.tasks is None else self.tasks(losses, seen, self._read())
        if looked is not None:
            esr = self.recipe.esr
            for attention in looked:
                loss = loss + esr.diversity_weight * diversity(attention, esr.diversity, esr.gamma)
        return loss

    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[tuple[Tensor, Targets]]:
        return super().batches(_FAR * self.stage.branch + epoch, side, shard)  # each stage has draws of its own

    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        """The ensemble's scores; of the heads that learn, `val_top1_` or `val_rmse_` of each branch too."""
        assert isinstance(net, Esr)
        embeddings = predict(net, self.validation, bf16=self.bf16, embeddings=True, accelerator=self.accelerator)
        with torch.no_grad():
            said = net.branch_logits(embeddings)
            scores = validation_scores(net.ensemble(said), self.validation, self.spec, self.selected)
        for plan in learning(self.recipe):
            branches = said[..., self.spec.columns(plan.name)].float().transpose(0, 1).cpu()
            hard = self.validation.hard[plan.name]
            if plan.kind == KIND:
                target, weight = (t.cpu() for t in self.validation.targets[plan.name])
                scores |= branch_errors(branches.unbind(), target, weight, hard, self.spec.head(plan.name))
            else:
                known = hard.numpy() >= 0
                scores |= branch_scores(branches.softmax(dim=2).numpy()[:, known], hard.numpy()[known])
        return scores

    def wake(self) -> None:
        """Into training mode, but for the norms of what is frozen."""
        super().wake()
        sleep(self._frozen())

    def rates(self) -> list[tuple[float, list[nn.Parameter]]]:
        """The new branch learns at `train.lr`, with it in the first stage the base; what was there at its own rate."""
        lr, esr = self.recipe.train.lr, self.recipe.esr
        *old, new = affect_layers(self.net) if self._affect_alone else self.net.voters()
        weighed = list(self.tasks.parameters()) if self.tasks is not None else []
        if self._affect_alone:
            groups = []
        elif not old:
            return [(1.0, [*self.net.parameters(), *weighed])]
        else:
            groups = [(esr.base_lr / lr, list(self.net.base.parameters()))]
        groups.append((esr.old_lr / lr, [p for branch in old for p in branch.parameters()]))
        return [*groups, (1.0, [*new.parameters(), *weighed])]

    @property
    def scored(self) -> str:
        """The column of log.csv that epochs are chosen by."""
        return f"val_{self.recipe.train.metric or self._kind(self.selected).metrics[0]}"

    @property
    def _affect_alone(self) -> bool:
        return self.recipe.esr.learns == "affect"

    def _read(self) -> Tensor:
        assert isinstance(self.learner, Voters)
        assert self.learner.read is not None
        return self.learner.read

    def _frozen(self) -> list[nn.Module]:
        if self._affect_alone:
            return [self.net]
        *old, _ = self.net.voters()
        esr = self.recipe.esr
        frozen: list[nn.Module] = [self.net.base] if old and not esr.base_lr else []
        return frozen if esr.old_lr else [*frozen, *old]

    def _sides(self, faces: FaceSet) -> tuple[FaceSet, FaceSet]:
        training, validation = training_and_validation(self.recipe, faces)
        return of_branch(self.recipe, training, self.stage.branch), validation

    def _start(self, heads: tuple[Head, ...]) -> None:
        new = f"branch.{self.stage.branch - 1}."
        if self.recipe.init:
            begin, file = ("base.", new) if self.stage.before is None else (new,), weights_of(self.recipe.init)
            found = take(self.net, heads, file, begin)
            if self._affect_alone:
                check_kept(self.recipe, heads, found, file)
        if self.stage.before is not None:
            old = ("base.", *(f"branch.{i}." for i in range(self.stage.branch - 1)))
            take(self.net, heads, self.stage.before, old)

    def _learner(self) -> nn.Module:
        esr = self.recipe.esr
        wanted = esr.diversity != "none" and esr.diversity_weight > 0 and not self._affect_alone
        return Voters(self.net, self.net.attends and self.net.branches > 1 and wanted, self.tasks)


def recipe_of_stage(recipe: Recipe, branch: int) -> Recipe:
    """A recipe's epochs and network while its k-th branch is new, and what it leaves open about affect."""
    recipe = resolved(recipe)
    epochs = recipe.esr.first_epochs if branch == 1 else recipe.esr.epochs
    options = {**recipe.model.options, "branches": branch}
    return replace(recipe, model=replace(recipe.model, options=options), train=replace(recipe.train, epochs=epochs))


def branch_scores(probabilities: np.ndarray[Any, Any], hard: np.ndarray[Any, Any]) -> dict[str, float]:
    """(b, n, k) probabilities and (n,) labels -> columns of log.csv: accuracies in percent, disagreement in 0..1."""
    answers = {f"branch_{i}": p.argmax(axis=1) for i, p in enumerate(probabilities, 1)}
    answers |= {"vote": votes(probabilities).argmax(axis=1), "mean": mean(probabilities).argmax(axis=1)}
    n = len(hard)
    scores = {f"val_top1_{k}": float((said == hard).mean()) * 100 if n else float("nan") for k, said in answers.items()}
    return scores | {"val_disagreement": float(disagreement(probabilities).mean()) if n else float("nan")}
