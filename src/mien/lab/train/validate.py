"""How a network does on the split that epochs are chosen on."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.lab.models.face_net import FaceNet
from mien.lab.train.batches import FaceTensors
from mien.lab.train.losses import soft_cross_entropy
from mien.model_spec import ModelSpec


@torch.no_grad()
def predict(net: FaceNet, faces: FaceTensors, *, batch: int = 512, bf16: bool = False) -> Tensor:
    """(n, k) float32 logits of every face, in order, without augmentation."""
    was_training = net.training
    net.eval()
    out = []
    with torch.autocast(faces.device.type, torch.bfloat16, enabled=bf16):
        for rows in torch.split(torch.arange(len(faces), device=faces.device), batch):
            out.append(net(faces.plain(rows)).float())
    net.train(was_training)
    return torch.cat(out)


def validation_scores(logits: Tensor, faces: FaceTensors, spec: ModelSpec) -> dict[str, float]:
    """Loss (summed over heads, unweighted) and each head's accuracy in percent against hard labels."""
    scores = {"val_loss": 0.0}
    for head in spec.heads:
        part = logits[:, spec.columns(head.name)]
        target, weight = faces.targets[head.name]
        scores["val_loss"] += float(soft_cross_entropy(part, target, weight))
        known = faces.hard[head.name] >= 0
        hits = part.argmax(dim=1)[known] == faces.hard[head.name][known]
        scores[f"val_top1_{head.name}"] = float(hits.float().mean()) * 100 if len(hits) else float("nan")
    return scores
