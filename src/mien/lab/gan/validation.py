"""What edits of validation faces look like to a critic or a judge, epoch by epoch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.face_set import FaceSet
from mien.evaluate.edits.judge import Judge
from mien.evaluate.predictor import open_model
from mien.lab.gan.critic import Critic
from mien.lab.gan.generator import Generator
from mien.lab.models.face_net import channels_last
from mien.lab.train.batches import FaceTensors

_BATCH = 64


class Validation:
    """A fixed choice of validation faces, as many of each emotion as there are.

    Args:
        faces: to choose from.
        tensors: the same, on the device.
        labels: (n,) int64 positions in the generator's emotions, -1 without one.
        emotions: the generator's.
        n: how many faces.
        judge: a classifier's name or path; "" asks the critic.

    Raises:
        MienError: no such judge, or one that cannot tell an emotion of the generator from others.
    """

    def __init__(
        self, faces: FaceSet, tensors: FaceTensors, labels: Tensor, emotions: tuple[str, ...], n: int, judge: str
    ) -> None:
        self.rows = _spread(labels.numpy(), n)
        self.labels = labels[self.rows]
        self.tensors, self.emotions = tensors, emotions
        self.judge = Judge(judge, open_model(judge), emotions) if judge else None

    @torch.no_grad()
    def scores(self, net: Generator, critic: Critic, bf16: bool) -> dict[str, float]:
        """`val_reached` (%): edits at full strength that are taken for what was asked, the mean over emotions, and by
        emotion; `val_rec`: mean absolute difference of a face asked for its own emotion from itself, grey levels.
        """
        faces, edits = self.edits(net, bf16)
        codes = net.space.places()[self.labels.to(faces.device)]
        same = torch.cat(
            [_run(net, f, c, bf16) for f, c in zip(torch.split(faces, _BATCH), torch.split(codes, _BATCH), strict=True)]
        )
        found = {"val_rec": 127.5 * float((same - faces).abs().mean())}
        reached = [self._reached(made, k, critic) for k, made in enumerate(edits)]
        found["val_reached"] = float(np.mean(reached))
        return found | {f"val_reached_{name}": share for name, share in zip(self.emotions, reached, strict=True)}

    @torch.no_grad()
    def edits(self, net: Generator, bf16: bool) -> tuple[Tensor, list[Tensor]]:
        """The faces (n, c, h, w) in -1..1, and as many made of them for each emotion."""
        faces = self.tensors.plain(self.rows.to(self.tensors.device))
        return faces, [self.made(net, faces, place, bf16) for place in net.space.places()]

    @staticmethod
    @torch.no_grad()
    def made(net: Generator, faces: Tensor, code: Tensor, bf16: bool) -> Tensor:
        """All the faces, turned to one code (d,)."""
        parts = [_run(net, part, code.expand(len(part), -1), bf16) for part in torch.split(faces, _BATCH)]
        return torch.cat(parts)

    def _reached(self, made: Tensor, emotion: int, critic: Critic) -> float:
        if self.judge is not None:
            said = self.judge.probabilities(pixels_of(made)).argmax(1)
        else:
            said = torch.cat([critic(part).logits.argmax(1) for part in torch.split(made, _BATCH)]).cpu().numpy()
        return 100 * float((said == emotion).mean())


def pixels_of(faces: Tensor) -> NDArray[np.uint8]:
    """(n, c, h, w) in -1..1 -> uint8 (n, h, w, c)."""
    scaled = ((faces.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).cpu().numpy())


def _run(net: Generator, faces: Tensor, codes: Tensor, bf16: bool) -> Tensor:
    with torch.autocast(faces.device.type, torch.bfloat16, enabled=bf16):
        made: Tensor = net(channels_last(faces), codes).float()
    return made


def _spread(labels: NDArray[np.int64], n: int) -> Tensor:
    """Positions of n labelled faces, the emotions taking turns, in the order of the set."""
    by_class = [np.flatnonzero(labels == k) for k in np.unique(labels[labels >= 0])]
    turns = [(turn, int(row)) for rows in by_class for turn, row in enumerate(rows)]
    return torch.tensor(sorted(row for _, row in sorted(turns)[:n]), dtype=torch.int64)
