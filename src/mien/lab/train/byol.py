"""BYOL: a trunk learns from faces without labels by foretelling a slow copy of itself (Grill et al. 2020)."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import torch
from accelerate import Accelerator
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.lab.augment.draw import Draw
from mien.lab.augment.views import ViewSettings, two_views
from mien.lab.layers.projector import Projector
from mien.lab.models.face_net import FaceNet, channels_last
from mien.lab.train.batches import FaceTensors
from mien.lab.train.collapse import feature_deviation
from mien.lab.train.method import Method
from mien.lab.train.model_facts import make_net, model_spec
from mien.lab.train.probe import knn_accuracy
from mien.lab.train.recipe import Recipe
from mien.lab.train.seeds import hash_seed
from mien.lab.train.splits import training_and_validation
from mien.lab.train.start import start_from
from mien.lab.train.validate import predict
from mien.lab.train.variants import Variants

_VALIDATION_BATCH = 512
_VALIDATION_STREAM = 2**31  # no epoch's number: the validation views' own draws


class Bootstrap(nn.Module):
    """Online trunk, projector and predictor, and the target: copies of the first two that only `follow` moves."""

    def __init__(self, net: FaceNet, embedding: int, hidden: int, out: int) -> None:
        super().__init__()
        self.net = net
        self.projector = Projector(embedding, hidden, out)
        self.predictor = Projector(out, hidden, out)
        self.target_net: FaceNet = copy.deepcopy(net).requires_grad_(False)
        self.target_projector: Projector = copy.deepcopy(self.projector).requires_grad_(False)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """(n, c, h, w) two views of each face, the network's input -> (n,) loss in 0..8, see `bootstrap_loss`.

        Each view is a batch of its own for the norms' statistics, as in the paper.
        """
        told_a, told_b = (self.predictor(self.projector(self.net.pool(self.net.features(x)))) for x in (a, b))
        with torch.no_grad():
            seen_a, seen_b = (self.target_projector(self.target_net.pool(self.target_net.features(x))) for x in (a, b))
        return bootstrap_loss(told_a, seen_b) + bootstrap_loss(told_b, seen_a)

    @torch.no_grad()
    def follow(self, momentum: float) -> None:
        """Move the target: momentum times itself plus the rest of the online weights (equation 1).

        Norms' running statistics are the target's own, from the batches it sees.
        """
        pairs = ((self.target_net, self.net), (self.target_projector, self.projector))
        mine: list[Tensor] = [p for target, _ in pairs for p in target.parameters() if p.numel()]
        theirs: list[Tensor] = [p for _, online in pairs for p in online.parameters() if p.numel()]
        torch._foreach_lerp_(mine, theirs, 1 - momentum)


def bootstrap_loss(told: Tensor, seen: Tensor) -> Tensor:
    """(n, d), (n, d) -> (n,) squared distance of the normalised vectors, 2 - 2 cosine, in 0..4 (equation 2)."""
    return 2 - 2 * F.cosine_similarity(told.float(), seen.float(), dim=1)


def momentum_at(start: float, schedule: str, progress: float) -> float:
    """The target's momentum after this share 0..1 of the run: constant, or by a cosine to 1 (section 3.3)."""
    return start if schedule == "constant" else 1 - (1 - start) * (math.cos(math.pi * progress) + 1) / 2


class Byol(Method):
    """`method = "byol"`: `net` is the online trunk, without a head.

    The loss of a batch is the paper's: both directions summed, 0..8. EmotionGAN's study logs the mean of both
    negative cosines, which is a quarter of this less 1.
    """

    def __init__(self, recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool) -> None:
        if recipe.train.freeze:
            raise MienError('train.freeze = "trunk" leaves method "byol" nothing to learn; leave it out')
        self.recipe, self.accelerator, self.bf16 = recipe, accelerator, bf16
        self.views = ViewSettings.of(recipe.byol.views)
        training, validation = training_and_validation(recipe, faces)
        device = accelerator.device
        self.training = FaceTensors(training, (), recipe.input, device)
        self.validation = FaceTensors(validation, (), recipe.input, device)
        self.labels = _labels(validation, recipe.heads[0].labels, device)  # read by the probe alone
        self.variants: Variants | None = None
        if recipe.byol.variants:
            self.variants = Variants(training, load_dataset(recipe.byol.variants), recipe.input, device)
        self.net = make_net(recipe, (), device)
        if recipe.init:
            start_from(self.net, (), recipe.init)
        self.net.stages()[-1].requires_grad_(False)  # the heads, empty: a reducer would wait for their gradients
        self.rows, self.chosen_on = len(training), len(validation)
        precision = "bf16" if bf16 else "fp32"
        self.spec = model_spec(recipe, self.net, (), faces, (self.rows, self.chosen_on), precision)
        assert self.spec.embedding is not None
        settings = recipe.byol
        self.bootstrap = Bootstrap(self.net, self.spec.embedding, settings.hidden, settings.out).to(device)
        self.model: nn.Module = self.bootstrap

    def steps(self) -> int:
        return self.training.steps(self.recipe.train)

    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[tuple[Tensor, Tensor]]:
        settings = self.recipe.train
        draws = self.training.draws(
            self.recipe.balance,
            batch=settings.batch,
            steps=self.steps(),
            seed=(self.recipe.seed, epoch),
            shard=shard,
        )
        for rows, draw in draws:
            yield self._two_views(self.training, rows, draw, side, self.variants)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        losses: Tensor = model(*batch)
        return losses.mean()

    def after_step(self, progress: float) -> None:
        settings = self.recipe.byol
        self.bootstrap.follow(momentum_at(settings.momentum, settings.momentum_schedule, progress))

    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        """The loss on fixed views, the embeddings' spread, and now and then what neighbours say of them."""
        settings = self.recipe.byol
        embeddings = predict(net, self.validation, bf16=self.bf16, embeddings=True, accelerator=self.accelerator)
        spread = feature_deviation(embeddings)
        row = {"val_loss": self._validation_loss(), "val_std": spread}
        if self.labels is not None and settings.probe:
            last = epoch + 1 == self.recipe.train.epochs
            asked = last or (epoch + 1) % settings.probe == 0
            row["val_knn"] = knn_accuracy(embeddings, self.labels) if asked else float("nan")
        row["collapsed"] = float(spread < settings.collapse)
        return row

    def remark(self, row: dict[str, Any]) -> str:
        """What a person should be told of an epoch: that its features have collapsed; mostly nothing."""
        if not row["collapsed"]:
            return ""
        return (
            f"features have collapsed: their deviation {row['val_std']:.3g} is below byol.collapse ="
            f" {self.recipe.byol.collapse:g}; lower train.lr or raise byol.momentum"
        )

    def score(self, row: dict[str, Any]) -> float:
        """The last epoch that has not collapsed is the best: a collapsed one has the lowest loss of all."""
        return -1.0 if row["collapsed"] else float(row["epoch"])

    def pictures(self, epoch: int) -> Iterator[Tensor]:
        side = (self.recipe.input.height, self.recipe.input.width)
        for pair in self.batches(epoch, side, (0, 1)):
            yield from pair

    @torch.no_grad()
    def _validation_loss(self) -> float:
        """Mean loss over the validation faces, each with the same two views every epoch."""
        model, faces = self.bootstrap, self.validation
        side = (self.recipe.input.height, self.recipe.input.width)
        model.eval()
        total = 0.0
        for step, rows in enumerate(torch.split(torch.arange(len(faces), device=faces.device), _VALIDATION_BATCH)):
            numbers = Generator().manual_seed(hash_seed(self.recipe.seed, _VALIDATION_STREAM, step))
            draw = Draw(numbers, len(rows), slice(None), faces.device)
            with torch.autocast(faces.device.type, torch.bfloat16, enabled=self.bf16):
                total += float(model(*self._two_views(faces, rows, draw, side, None)).sum())
        model.train()
        return total / max(len(faces), 1)

    def _two_views(
        self, faces: FaceTensors, rows: Tensor, draw: Draw, side: tuple[int, int], variants: Variants | None
    ) -> tuple[Tensor, Tensor]:
        """The network's inputs (n, c, *side): two views of each face, or one of it and one of its variant."""
        pixels = faces.picked(rows)
        first = pixels.float() / 255
        a, b = two_views(first, draw, self.views)
        if variants is not None:
            second = variants.pick(rows, pixels, draw).float() / 255
            b = two_views(second, draw, self.views)[1]
        return self._ready(faces, a, side), self._ready(faces, b, side)

    @staticmethod
    def _ready(faces: FaceTensors, x: Tensor, side: tuple[int, int]) -> Tensor:
        if x.shape[2:] != side:  # progressive resizing
            x = F.interpolate(x, side, mode="bilinear", antialias=True, align_corners=False)
        return channels_last(faces.normal(x))


def _labels(faces: FaceSet, scheme: str, device: torch.device) -> Tensor | None:
    """(n,) int64 emotions, -1 where a face has none; None without a single one."""
    if scheme not in faces.emotion_schemes:
        return None
    hard = faces.hard(scheme)
    return torch.from_numpy(hard).to(device) if (hard >= 0).sum() > 1 else None
