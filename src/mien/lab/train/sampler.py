"""In which order an epoch draws faces: as they come, by weight, or in batches of even classes."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from mien.errors import MienError
from mien.lab.train.recipe import Balance


def draw_order(hard: Tensor, settings: Balance, *, batch: int, steps: int, generator: Generator) -> Tensor:
    """(steps * batch,) rows to learn from in one epoch.

    Args:
        hard: (n,) int64 class of each face in the head that is evened out, -1 where it has none.
        settings: `sampler` natural: permutations, each face once before any comes again; weighted: with
            replacement, a face by its own weight (see `face_weights`); balanced: every batch holds the same
            number of each class, give or take one, a class's faces each once before any comes again.
    """
    n = len(hard)
    wanted = steps * batch
    if settings.sampler == "natural":
        rounds = [torch.randperm(n, generator=generator) for _ in range(-(-wanted // n))]
        return torch.cat(rounds)[:wanted]
    if settings.sampler == "weighted":
        return torch.multinomial(face_weights(hard, settings.power), wanted, replacement=True, generator=generator)
    return _even_batches(hard, batch, steps, generator)


def face_weights(hard: Tensor, power: float) -> Tensor:
    """(n,) float64: (faces in its class) ** -power for each FACE, so that with power 1 classes are drawn evenly.

    A face without a label weighs what the labelled ones weigh on average.
    """
    known = hard >= 0
    if not known.any():
        raise MienError("balance: no labelled face to weigh; look at balance.head and the labels")
    counts = torch.bincount(hard[known])
    weights = torch.zeros(len(hard), dtype=torch.float64)
    weights[known] = counts[hard[known]].double() ** -power
    weights[~known] = weights[known].mean()
    return weights


def _even_batches(hard: Tensor, batch: int, steps: int, generator: Generator) -> Tensor:
    present = torch.unique(hard[hard >= 0])
    k = len(present)
    if not k:
        raise MienError("balance: no labelled face to draw; look at balance.head and the labels")
    # every class fills batch // k places of each batch; the odd places go round, so that they even out too
    each, odd = divmod(batch, k)
    turn = torch.randperm(k, generator=generator)
    whole = torch.arange(k).repeat(each)
    filled = [torch.cat([whole, turn[(torch.arange(odd) + step * odd) % k]]) for step in range(steps)]
    places = torch.cat([one[torch.randperm(batch, generator=generator)] for one in filled])
    order = torch.empty(batch * steps, dtype=torch.int64)
    for index, label in enumerate(present):
        rows = torch.nonzero(hard == label).flatten()
        mine = torch.nonzero(places == index).flatten()
        cycles = [rows[torch.randperm(len(rows), generator=generator)] for _ in range(-(-len(mine) // len(rows)))]
        if cycles:
            order[mine] = torch.cat(cycles)[: len(mine)]
    return order
