"""How a network does on the split that epochs are chosen on."""

from __future__ import annotations

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from mien.lab.models.face_net import FaceNet
from mien.lab.train.batches import FaceTensors
from mien.lab.train.losses import soft_cross_entropy
from mien.model_spec import ModelSpec
from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1, per_class


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
    """Loss (summed over heads, unweighted) and each head's accuracy in percent against hard labels.

    Of the head `selected` (the first by default) also macro-F1, balanced accuracy and each class's recall, in
    percent; a class without a face has no recall and counts in neither mean.
    """
    scores = {"val_loss": 0.0}
    selected = selected or (spec.heads[0].name if spec.heads else "")
    logits = logits.cpu()
    for head in spec.heads:
        part = logits[:, spec.columns(head.name)]
        target, weight = (t.cpu() for t in faces.targets[head.name])
        scores["val_loss"] += float(soft_cross_entropy(part, target, weight))
        known = faces.hard[head.name] >= 0
        said, true = part.argmax(dim=1)[known].numpy(), faces.hard[head.name][known].numpy()
        scores[f"val_top1_{head.name}"] = float((said == true).mean()) * 100 if len(true) else float("nan")
        if head.name == selected:
            scores |= _by_class(said, true, head.labels)
    return scores


def _by_class(said: NDArray[np.int64], true: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, float]:
    confusion = confusion_matrix(true, said, len(labels))
    scores = {
        "val_macro_f1": float(macro_f1(confusion)),
        "val_balanced_accuracy": float(balanced_accuracy(confusion)),
    }
    recalls = per_class(confusion).recall.tolist()
    return scores | {f"val_recall_{name}": recall for name, recall in zip(labels, recalls, strict=True)}
