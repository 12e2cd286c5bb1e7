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
from mien.errors import MienError
from mien.lab.models.esr import Attention, Esr
from mien.lab.models.face_net import FaceNet
from mien.lab.predict import weights_of
from mien.lab.train.batches import Targets
from mien.lab.train.checkpoint import load_weights
from mien.lab.train.diversity import diversity
from mien.lab.train.esr_data import of_branch
from mien.lab.train.freezing import sleep
from mien.lab.train.recipe import Recipe
from mien.lab.train.splits import training_and_validation
from mien.lab.train.supervised import Supervised
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

    def __init__(self, net: Esr, attention: bool) -> None:
        super().__init__()
        self.net, self.attention = net, attention

    def forward(self, x: Tensor) -> tuple[Tensor, Attention | None]:
        feature_map, looked = self.net.attend(x) if self.attention else (self.net.features(x), None)
        return self.net.branch_logits(self.net.pool(feature_map)), looked


class EsrStage(Supervised):
    """`method = "esr"`, one stage: a network of `stage.branch` branches whose losses are summed.

    The base and the branches before start from `stage.before`, the new one freshly, or all of them from the
    same branches of the recipe's `init`.
    """

    net: Esr
    later_ties = True  # as published: of epochs with the same accuracy the later is kept

    def __init__(self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool, stage: Stage) -> None:
        self.stage = stage
        super().__init__(recipe_of_stage(recipe, stage.branch), faces, accelerator, bf16)
        for module in self._frozen():
            module.requires_grad_(False)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Targets]) -> Tensor:
        x, targets = batch
        said, looked = model(x)
        loss = torch.zeros((), device=said.device)
        for plan in self.recipe.heads:
            head, columns = self.losses[plan.name], self.spec.columns(plan.name)
            target, given = targets[plan.name]
            weight = head.weight(target, given)
            total = self._over_all(weight)
            for branch in said.unbind(dim=1):
                loss = loss + plan.weight * head(branch[:, columns], target, weight, total)
        if looked is not None:
            esr = self.recipe.esr
            for attention in looked:
                loss = loss + esr.diversity_weight * diversity(attention, esr.diversity, esr.gamma)
        return loss

    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[tuple[Tensor, Targets]]:
        return super().batches(_FAR * self.stage.branch + epoch, side, shard)  # each stage has draws of its own

    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        """The ensemble's scores, and `val_top1_` of each branch, of the vote and of the mean."""
        assert isinstance(net, Esr)
        embeddings = predict(net, self.validation, bf16=self.bf16, embeddings=True, accelerator=self.accelerator)
        with torch.no_grad():
            said = net.branch_logits(embeddings)
            scores = validation_scores(net.ensemble(said), self.validation, self.spec, self.selected)
        columns = self.spec.columns(self.selected)
        hard = self.validation.hard[self.selected].numpy()
        branches = said[..., columns].float().softmax(dim=2).transpose(0, 1).cpu().numpy()[:, hard >= 0]
        scores |= branch_scores(branches, hard[hard >= 0])
        return scores

    def wake(self) -> None:
        """Into training mode, but for the norms of what is frozen."""
        super().wake()
        sleep(self._frozen())

    def rates(self) -> list[tuple[float, list[nn.Parameter]]]:
        """The new branch learns at `train.lr`, with it in the first stage the base; what was there at its own rate."""
        lr, esr = self.recipe.train.lr, self.recipe.esr
        *old, new = self.net.voters()
        if not old:
            return [(1.0, list(self.net.parameters()))]
        groups = [(esr.base_lr / lr, list(self.net.base.parameters()))]
        groups.append((esr.old_lr / lr, [p for branch in old for p in branch.parameters()]))
        return [*groups, (1.0, list(new.parameters()))]

    def _frozen(self) -> list[nn.Module]:
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
            begin = ("base.", new) if self.stage.before is None else (new,)
            _take(self.net, heads, weights_of(self.recipe.init), begin)
        if self.stage.before is not None:
            old = ("base.", *(f"branch.{i}." for i in range(self.stage.branch - 1)))
            _take(self.net, heads, self.stage.before, old)

    def _learner(self) -> nn.Module:
        esr = self.recipe.esr
        wanted = esr.diversity != "none" and esr.diversity_weight > 0
        return Voters(self.net, self.net.attends and self.net.branches > 1 and wanted)


def recipe_of_stage(recipe: Recipe, branch: int) -> Recipe:
    """A recipe's epochs and network while its k-th branch is new."""
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


def _take(net: Esr, heads: tuple[Head, ...], file: Path, prefixes: tuple[str, ...]) -> None:
    """Load the keys under these prefixes; heads only where they say the same things.

    Raises:
        MienError: a file that lacks one, or has it in another shape.
    """
    tensors, spec = load_weights(file)
    same = [(h.labels, h.kind, h.members) for h in spec.heads] == [(h.labels, h.kind, h.members) for h in heads]
    taken = {}
    for key, own in net.state_dict().items():
        if not key.startswith(prefixes) or (not same and ".fc" in key):
            continue
        if key not in tensors:
            raise MienError(f"{file}: lacks {key}; give model.options of that run and at most its branches")
        if tensors[key].shape != own.shape:
            raise MienError(f"{file}: {key} is {tuple(tensors[key].shape)}, this recipe's is {tuple(own.shape)}")
        taken[key] = tensors[key]
    net.load_state_dict(taken, strict=False)
