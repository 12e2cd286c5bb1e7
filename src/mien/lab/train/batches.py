"""The one adapter from FaceSet to tensors: everything is held in memory, whole batches are augmented at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.lab.augment.erase import random_erase
from mien.lab.augment.geometry import random_affine
from mien.lab.augment.mix import mixup
from mien.lab.augment.photometric import random_light
from mien.lab.models.face_net import channels_last
from mien.lab.train.recipe import Augment, HeadRecipe, Input
from mien.labels import EMOTIONS
from mien.model_spec import COLOURS, Head

Targets = dict[str, tuple[Tensor, Tensor]]
"""Head -> distributions (n, k), and weights (n,) that are 0 where a face has no such label."""


def emotions_of(faces: FaceSet, scheme: str) -> tuple[str, ...]:
    """The emotions that a label scheme of this set has, in our order.

    Raises:
        MienError: the set has no such labels.
    """
    if scheme not in faces.emotion_schemes:
        have = ", ".join(faces.emotion_schemes) or "none"
        raise MienError(f"{faces.name}: no labels {scheme!r}; it has {have} (votes come with --ferplus fer2013new.csv)")
    present = ~np.isnan(faces.targets[scheme]).all(axis=0)
    return tuple(EMOTIONS[i] for i in np.flatnonzero(present))


def model_heads(faces: FaceSet, heads: Sequence[HeadRecipe]) -> tuple[Head, ...]:
    """The heads a model needs for these labels."""
    return tuple(Head(h.name, "emotion", emotions_of(faces, h.labels), h.labels) for h in heads)


@dataclass(frozen=True, slots=True)
class Normal:
    """Pixels in 0..255 -> the network's input."""

    mean: Tensor  # (c, 1, 1) of pixels in 0..1
    std: Tensor

    @classmethod
    def of(cls, settings: Input, device: torch.device) -> Normal:
        channels = COLOURS[settings.colour]
        mean, std = (torch.tensor(v, dtype=torch.float32) for v in (settings.mean, settings.std))
        return cls(mean.expand(channels)[:, None, None].to(device), std.expand(channels)[:, None, None].to(device))

    def __call__(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class FaceTensors:
    """A FaceSet on the device: pixels as uint8 (n, c, h, w), targets by head."""

    def __init__(
        self,
        faces: FaceSet,
        recipe_heads: Sequence[HeadRecipe],
        heads: Sequence[Head],
        settings: Input,
        device: torch.device,
    ) -> None:
        from mien.images.crop import fit

        pixels = faces.pixels if faces.pixels is not None else _read(faces, settings)
        crops = fit(pixels, settings.height, settings.width, settings.colour)  # (n, h, w, c)
        self.pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2))).to(device)
        self.device = device
        self.normal = Normal.of(settings, device)
        self.targets: Targets = {}
        self.hard: dict[str, Tensor] = {}
        for plan, head in zip(recipe_heads, heads, strict=True):
            columns = [EMOTIONS.index(name) for name in head.labels]
            index = faces.hard(plan.labels)
            soft = faces.targets[plan.labels] if plan.target == "soft" else one_hot(index, head.labels)
            part = soft[:, columns]
            known = np.asarray(np.isfinite(part).all(axis=1), np.bool_)
            target = np.where(known[:, None], part, 1 / len(columns))
            target = (1 - plan.label_smoothing) * target + plan.label_smoothing / len(columns)
            weight = known * faces.weight
            self.targets[head.name] = (
                torch.from_numpy(target.astype(np.float32)).to(device),
                torch.from_numpy(weight.astype(np.float32)).to(device),
            )
            position = np.full(len(EMOTIONS) + 1, -1)
            position[columns] = np.arange(len(columns))
            self.hard[head.name] = torch.from_numpy(position[index]).to(device)  # -1 maps to the last, -1

    def __len__(self) -> int:
        return len(self.pixels)

    def plain(self, rows: Tensor) -> Tensor:
        """The network's input for these rows, not augmented."""
        return channels_last(self.normal(self.pixels[rows].float() / 255))

    def epoch(
        self,
        augment: Augment,
        *,
        batch: int,
        side: tuple[int, int],
        seed: tuple[int, int],
        shard: tuple[int, int] = (0, 1),
    ) -> Iterator[tuple[Tensor, Targets]]:
        """Augmented batches in a shuffled order that only `seed` (run, epoch) decides.

        `shard` is (process, processes): each gets its part of every batch. A last, smaller batch is dropped
        unless it is the only one.
        """
        generator = Generator().manual_seed(hash_seed(*seed))
        order = torch.randperm(len(self), generator=generator)
        steps = max(1, len(self) // batch)
        for step in range(steps):
            draw = Generator().manual_seed(hash_seed(*seed, step + 1, shard[0]))
            rows = order[step * batch : (step + 1) * batch][shard[0] :: shard[1]].to(self.device)
            yield self._batch(rows, augment, side, draw)

    def _batch(self, rows: Tensor, augment: Augment, side: tuple[int, int], draw: Generator) -> tuple[Tensor, Targets]:
        x = self.pixels[rows].float() / 255
        x = random_affine(
            x,
            draw,
            side=side,
            flip=augment.flip,
            rotate=augment.rotate,
            scale=augment.scale,
            shift=augment.shift,
        )
        if augment.brightness or augment.contrast:
            x = random_light(x, draw, brightness=augment.brightness, contrast=augment.contrast)
        x = self.normal(x)
        if augment.erase:
            x = random_erase(x, draw, probability=augment.erase, side=augment.erase_side)
        targets = {name: (t[rows], w[rows]) for name, (t, w) in self.targets.items()}
        if augment.mixup:
            x, targets = mixup(x, targets, draw, alpha=augment.mixup)
        return channels_last(x), targets


def hash_seed(*parts: int) -> int:
    """One 63-bit seed from several numbers, far from those of their neighbours."""
    high, low = np.random.SeedSequence(parts).generate_state(2, np.uint32)
    return (int(high) << 31) ^ int(low)


def _read(faces: FaceSet, settings: Input) -> NDArray[np.uint8]:
    """Pictures behind paths, read and brought to the model's size."""
    from concurrent.futures import ThreadPoolExecutor

    from mien.images.crop import fit
    from mien.images.read import read_image

    def one(path: str) -> NDArray[np.uint8]:
        crops = fit(read_image(path)[None], settings.height, settings.width, settings.colour)
        return np.asarray(crops[0], np.uint8)

    assert faces.paths is not None
    with ThreadPoolExecutor() as pool:
        pictures: NDArray[np.uint8] = np.stack(list(pool.map(one, map(str, faces.paths))))
    grey: NDArray[np.uint8] = pictures[..., 0]
    return grey if pictures.shape[-1] == 1 else pictures
