"""What can be read from embeddings without training the network: by nearest neighbours, by a linear layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NEIGHBOURS = 20
TEMPERATURE = 0.07  # both as in Wu et al. 2018, section 3.4, for fewer faces
DECAYS = (1e-3, 1e-2, 1e-1, 1.0)
_CHUNK = 1024  # faces compared with all the others at a time


def knn_accuracy(embeddings: Tensor, labels: Tensor, k: int = NEIGHBOURS) -> float:
    """Percent of faces whose k nearest others name their class; NaN with fewer than two labelled faces.

    Each face is left out of its own neighbours, so one split is enough. A neighbour's vote weighs
    exp(cosine / 0.07) (Wu et al. 2018, section 3.4).

    Args:
        embeddings: (n, d) float.
        labels: (n,) int64, -1 where a face has none: it is neither asked nor a neighbour.
    """
    known = labels >= 0
    unit, labels = F.normalize(embeddings[known].float(), dim=1), labels[known]
    n = len(unit)
    if n < 2:
        return float("nan")
    classes, right = int(labels.max()) + 1, 0
    for rows in torch.split(torch.arange(n, device=unit.device), _CHUNK):
        near = unit[rows] @ unit.T
        near[torch.arange(len(rows), device=unit.device), rows] = -2  # below any cosine: not its own neighbour
        cosine, which = near.topk(min(k, n - 1), dim=1)
        votes = torch.zeros(len(rows), classes, device=unit.device)
        votes.scatter_add_(1, labels[which], ((cosine - 1) / TEMPERATURE).exp())
        right += int((votes.argmax(dim=1) == labels[rows]).sum())
    return 100 * right / n


def linear_probe(x: Tensor, y: Tensor, test: Tensor, decays: Sequence[float] = DECAYS) -> Tensor:
    """(m, k) logits for `test` of a softmax regression on (n, d) embeddings x with classes y, 0..k-1.

    Embeddings are standardised by the training ones. The weight decay is chosen on every fifth training face,
    then all of them are fitted.
    """
    classes = int(y.max()) + 1
    centre, spread = x.mean(dim=0), x.std(dim=0) + 1e-3
    x, test = (x - centre) / spread, (test - centre) / spread
    held = torch.arange(len(x), device=x.device) % 5 == 0

    def right(decay: float) -> int:
        layer = _softmax_regression(x[~held], y[~held], classes, decay)
        return int((layer(x[held]).argmax(dim=1) == y[held]).sum())

    best = max(decays, key=right) if len(decays) > 1 else decays[0]
    logits: Tensor = _softmax_regression(x, y, classes, best)(test)
    return logits.detach()


def _softmax_regression(x: Tensor, y: Tensor, classes: int, decay: float) -> nn.Linear:
    layer = nn.Linear(x.shape[1], classes, device=x.device)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(layer(x), y) + decay * layer.weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return layer
