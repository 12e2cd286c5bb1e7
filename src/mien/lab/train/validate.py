"""How a network does on the split that epochs are chosen on."""

from __future__ import annotations

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor

from mien.lab.heads.head_kind import kind_of
from mien.lab.models.face_net import FaceNet
from mien.lab.train.batches import FaceTensors
from mien.model_spec import ModelSpec


@torch.no_grad()
def predict(
    net: FaceNet,
    faces: FaceTensors,
    *,
    batch: int = 512,
    bf16: bool = False,
    embeddings: bool = False,
    accelerator: Accelerator | None = None,
) -> Tensor:
    """(n, k) float32 logits, or embeddings, of every face, in order, without augmentation.

    With several processes each answers for its part and all get the whole: every face counts once, also where
    the faces do not divide by the processes.
    """
    was_training = net.training
    net.eval()
    rank, world = (accelerator.process_index, accelerator.num_processes) if accelerator else (0, 1)
    mine = torch.arange(rank, len(faces), world, device=faces.device)
    out = []
    with torch.autocast(faces.device.type, torch.bfloat16, enabled=bf16):
        for rows in torch.split(mine, batch):
            x = faces.plain(rows)
            out.append((net.pool(net.features(x)) if embeddings else net(x)).float())
    net.train(was_training)
    found = torch.cat(out) if out else torch.zeros(0, net(faces.plain(torch.arange(1))).shape[1])
    return found if accelerator is None or world == 1 else _together(found, len(faces), accelerator)


def _together(mine: Tensor, n: int, accelerator: Accelerator) -> Tensor:
    """(n, k) from every process's rows rank, rank + world, ...; the shorter parts are filled up and cut again."""
    world = accelerator.num_processes
    longest = -(-n // world)
    padded = torch.cat([mine, mine.new_zeros(longest - len(mine), mine.shape[1])])
    gathered: Tensor = accelerator.gather(padded)
    return gathered.view(world, longest, -1).transpose(0, 1).reshape(world * longest, -1)[:n]


def validation_scores(logits: Tensor, faces: FaceTensors, spec: ModelSpec, selected: str = "") -> dict[str, float]:
    """Columns of log.csv: the losses' sum (unweighted), each head's first score, and all scores of one head.

    `val_HEAD...` of an emotion head is its accuracy in percent against hard labels. Of the head `selected` (the first
    by default) every score and detail that its kind has; what no face has a label for is NaN. With several heads
    `val_heads` is the mean of their first scores, in percent.
    """
    scores = {"val_loss": 0.0}
    selected = selected or (spec.heads[0].name if spec.heads else "")
    logits, firsts = logits.cpu(), []
    for head in spec.heads:
        kind = kind_of(head.kind)
        target, weight = (t.cpu() for t in faces.targets[head.name])
        found = kind.scores(logits[:, spec.columns(head.name)], target, weight, faces.hard[head.name], head)
        scores["val_loss"] += found.pop("loss")
        first = found[kind.metrics[0]]
        firsts.append(first if kind.percent else 100 * first)
        scores[f"val_{kind.metrics[0]}_{head.name}"] = first
        if head.name == selected:
            scores |= {f"val_{key}": value for key, value in found.items()}
    if len(spec.heads) > 1:
        scores["val_heads"] = float(np.mean(firsts))
    return scores
