"""The one adapter from FaceSet to tensors: everything is held in memory, whole batches are augmented at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from mien.datasets.classes import Classes, classes_of
from mien.datasets.face_set import FaceSet
from mien.lab.augment.draw import Draw
from mien.lab.augment.pipeline import augment_batch
from mien.lab.heads.head_kind import kind_of
from mien.lab.models.face_net import channels_last
from mien.lab.train.held_pixels import held_pixels
from mien.lab.train.recipe import Augment, Balance, Data, HeadRecipe, Input, Train
from mien.lab.train.sampler import draw_order
from mien.lab.train.seeds import hash_seed
from mien.model_spec import COLOURS, Head

Targets = dict[str, tuple[Tensor, Tensor]]
"""Head -> targets (n, k), and weights (n,), or (n, k), that are 0 where a face has no such label."""

Exchange = Callable[[Tensor, Tensor, Draw], Tensor]
"""Positions (n,) of faces, their pictures (n, c, h, w) uint8 and the batch's draw -> pictures instead of them."""


def classes_of_heads(faces: FaceSet, plans: Sequence[HeadRecipe], data: Data) -> list[Classes]:
    """What each head learns, some emotions left out or merged as the recipe says."""
    return [classes_of(faces, plan.labels, data.drop, data.merge) for plan in plans]


def model_heads(faces: FaceSet, plans: Sequence[HeadRecipe], data: Data | None = None) -> tuple[Head, ...]:
    """The heads a model needs for these labels."""
    return tuple(kind_of(plan.kind).head(faces, plan, data or Data()) for plan in plans)


def input_statistics(settings: Input) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation, one a channel of pixels in 0..1, by which the network's input is normalised."""
    channels = COLOURS[settings.colour]
    if settings.normalise == "unit":  # 0..1
        return (0.0,) * channels, (1.0,) * channels
    if settings.normalise == "symmetric":  # -1..1
        return (0.5,) * channels, (0.5,) * channels
    mean, std = (v * channels if len(v) == 1 else v for v in (settings.mean, settings.std))
    return mean, std


@dataclass(frozen=True, slots=True)
class Normal:
    """Pixels in 0..255 -> the network's input."""

    mean: Tensor  # (c, 1, 1) of pixels in 0..1
    std: Tensor

    @classmethod
    def of(cls, settings: Input, device: torch.device) -> Normal:
        mean, std = (torch.tensor(v, dtype=torch.float32) for v in input_statistics(settings))
        return cls(mean[:, None, None].to(device), std[:, None, None].to(device))

    def __call__(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class FaceTensors:
    """A FaceSet on the device: pictures as uint8, targets by head.

    Attributes:
        pixels: (n, c, h, w) as they are held: pictures smaller than the network's input at their own size, grey
            ones in one plane whatever the input's colour. `picked` makes the input's of them.
        targets: what each head learns.
        hard: head -> (n,) int64 class by which it is evened out, -1 where there is none; on the CPU.
    """

    def __init__(
        self,
        faces: FaceSet,
        plans: Sequence[HeadRecipe],
        settings: Input,
        device: torch.device,
        data: Data | None = None,
        heads: Sequence[Head] = (),
    ) -> None:
        """Args: heads: of the model, where other faces have a say in them; () goes by these."""
        self.pixels = torch.from_numpy(held_pixels(faces, settings)).to(device)
        self.side, self.channels = (settings.height, settings.width), COLOURS[settings.colour]
        self.device = device
        self.normal = Normal.of(settings, device)
        self.targets: Targets = {}
        self.hard: dict[str, Tensor] = {}
        data = data or Data()
        for plan, head in zip(plans, heads or model_heads(faces, plans, data), strict=True):
            found = kind_of(plan.kind).learnt(faces, plan, data, head)
            weight = (found.weight.T * faces.weight).T  # a face's own, whether it is given by face or by cell
            target = torch.from_numpy(found.target).to(device)
            self.targets[plan.name] = target, torch.from_numpy(weight.astype(np.float32)).to(device)
            self.hard[plan.name] = torch.from_numpy(found.hard)

    def __len__(self) -> int:
        return len(self.pixels)

    def counts(self, head: str) -> Tensor:
        """(k,) int64: how many faces have each of a head's classes as their hard label."""
        hard = self.hard[head]
        return torch.bincount(hard[hard >= 0], minlength=self.targets[head][0].shape[1])

    def picked(self, rows: Tensor) -> Tensor:
        """(n, c, h, w) uint8: these rows' pictures in the input's size and colour, as `images.crop.fit` makes them."""
        return self._enlarged(rows).expand(-1, self.channels, -1, -1)

    def _enlarged(self, rows: Tensor) -> Tensor:
        """(n, 1 or c, h, w) uint8: in the input's size, grey pictures still in one plane."""
        held = self.pixels[rows]
        if held.shape[2:] == torch.Size(self.side):
            return held
        large = F.interpolate(held.float(), self.side, mode="bilinear", align_corners=False)
        return large.round_().to(torch.uint8)  # whole grey levels, as inference sees them

    def plain(self, rows: Tensor) -> Tensor:
        """The network's input for these rows, not augmented."""
        return channels_last(self.normal(self._enlarged(rows).float() / 255))  # which makes three planes of one

    def steps(self, settings: Train) -> int:
        """Steps an epoch: what the recipe says, else whole batches, at least one."""
        return settings.steps or max(1, len(self) // settings.batch)

    def draws(
        self, balance: Balance, *, batch: int, steps: int, seed: tuple[int, int], shard: tuple[int, int] = (0, 1)
    ) -> Iterator[tuple[Tensor, Draw]]:
        """This process's rows of each batch of an epoch, and the random numbers that go with them.

        Everything follows from `seed` (run, epoch). `shard` is (process, processes): each gets its part of
        every batch, and the same numbers for a face whoever holds it.
        """
        generator = Generator().manual_seed(hash_seed(*seed))
        head = balance.head or next(iter(self.hard), "")
        hard = self.hard.get(head, torch.full((len(self),), -1))
        order = draw_order(hard, balance, batch=batch, steps=steps, generator=generator)
        for step, rows in enumerate(torch.split(order, batch)):
            numbers = Generator().manual_seed(hash_seed(*seed, step + 1))
            mine = slice(shard[0], None, shard[1])
            yield rows[mine].to(self.device), Draw(numbers, len(rows), mine, self.device)

    def epoch(
        self,
        augment: Augment,
        *,
        batch: int,
        side: tuple[int, int],
        seed: tuple[int, int],
        shard: tuple[int, int] = (0, 1),
        balance: Balance | None = None,
        steps: int = 0,
        exchange: Exchange | None = None,
    ) -> Iterator[tuple[Tensor, Targets]]:
        """Augmented batches, see `draws`; without `steps` as many as the faces fill, a smaller last one dropped.

        Args:
            exchange: other pictures of the faces, such as made variants; they keep the faces' labels.
        """
        steps = steps or max(1, len(self) // batch)
        for rows, draw in self.draws(balance or Balance(), batch=batch, steps=steps, seed=seed, shard=shard):
            targets = {name: (t[rows], w[rows]) for name, (t, w) in self.targets.items()}
            planes = self.picked(rows) if exchange or _colours(augment) else self._enlarged(rows)
            if exchange:
                planes = exchange(rows, planes, draw)
            x, targets = augment_batch(planes.float() / 255, targets, augment, draw, side=side, normal=self.normal)
            yield channels_last(x), targets


def _colours(augment: Augment) -> bool:
    """Whether the planes of a picture are not all treated alike."""
    return bool(augment.saturation or augment.hue or augment.greyscale)
