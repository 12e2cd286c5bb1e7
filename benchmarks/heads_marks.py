"""Floor and ceiling of the yardstick for each of three tasks: emotion, eleven action units, valence and arousal.

As in `synthetic_yardstick.py`: the floor is its trunk with random weights and a linear probe on 2,000 faces, the
ceiling the same net learnt on up to 20,000 faces, ten epochs, for this task alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from synthetic_yardstick import EPOCHS, FEW, MANY, PROBE_DECAYS, batched, prepared, random_trunk, train
from torch import Tensor, nn

from mien.datasets.face_set import FaceSet
from mien.datasets.units import occurrence
from mien.score.concordance import concordance
from mien.score.multilabel import per_unit
from mien.score.unit_thresholds import best_thresholds

UNITS = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU09", "AU12", "AU17", "AU20", "AU25", "AU26")
"""Those of EmotioNet's challenge of 2017; all are drawn."""
SCORES = ("top1", "f1", "ccc_valence", "ccc_arousal")
"""In points: percent, and a hundred times the concordance."""


@dataclass(frozen=True)
class Task:
    """(n,) or (n, k) labels, the loss that learns them, and its scores from validation and Test outputs."""

    width: int
    labels: Callable[[FaceSet], Tensor]
    loss: Callable[[Tensor, Tensor], Tensor]
    scores: Callable[[FaceSet, Tensor, FaceSet, Tensor], dict[str, float]]


def _affect(faces: FaceSet) -> Tensor:
    return torch.from_numpy(np.stack([faces.targets["valence"], faces.targets["arousal"]], axis=1))


def _top1(_: FaceSet, __: Tensor, test: FaceSet, said: Tensor) -> dict[str, float]:
    return {"top1": 100 * float((said.argmax(1).numpy() == test.hard("synthetic")).mean())}


def _f1(validation: FaceSet, held: Tensor, test: FaceSet, said: Tensor) -> dict[str, float]:
    cut = best_thresholds(occurrence(validation, UNITS), held.sigmoid().numpy())
    return {"f1": per_unit(occurrence(test, UNITS), said.sigmoid().numpy(), cut).macro("f1")}


def _ccc(_: FaceSet, __: Tensor, test: FaceSet, said: Tensor) -> dict[str, float]:
    found = 100 * concordance(_affect(test).numpy().T, said.clamp(-1, 1).numpy().T)
    return {"ccc_valence": float(found[0]), "ccc_arousal": float(found[1])}


TASKS = {
    "emotion": Task(8, lambda f: torch.from_numpy(f.hard("synthetic")), nn.functional.cross_entropy, _top1),
    "units": Task(
        len(UNITS),
        lambda f: torch.from_numpy(occurrence(f, UNITS)),
        nn.functional.binary_cross_entropy_with_logits,
        _f1,
    ),
    "affect": Task(2, _affect, nn.functional.mse_loss, _ccc),
}


def marks(training: FaceSet, validation: FaceSet, test: FaceSet, seeds: int) -> dict[str, dict[str, Any]]:
    """Score -> floor (mean of the seeds) and ceiling (one seed, as in the yardstick), in points."""
    many = min(MANY, len(training))
    x, held, asked = (prepared(f.pixels) for f in (training.select(np.arange(many)), validation, test))
    floor: dict[str, list[float]] = {name: [] for name in SCORES}
    found: dict[str, dict[str, Any]] = {name: {} for name in SCORES}
    for seed in range(seeds):
        few, *others = random_trunk(seed, x[:FEW], held, asked)
        for task in TASKS.values():
            y = task.labels(training)
            outputs = _probe(task, few, y[:FEW], others)
            for name, value in task.scores(validation, outputs[0], test, outputs[1]).items():
                floor[name].append(value)
    for task in TASKS.values():
        net = train(x, task.labels(training)[:many], 0, EPOCHS[MANY], task.width, task.loss)
        for name, value in task.scores(validation, batched(net, held), test, batched(net, asked)).items():
            found[name] = {"floor": float(np.mean(floor[name])), "floor_by_seed": floor[name], "ceiling": value}
    return found


def _probe(task: Task, x: Tensor, y: Tensor, others: list[Tensor]) -> list[Tensor]:
    """Outputs of a linear layer; its weight decay is the one of least loss on every fifth training row."""
    centre, spread = x.mean(0), x.std(0) + 1e-3
    x, others = (x - centre) / spread, [(o - centre) / spread for o in others]
    held = torch.arange(len(x)) % 5 == 0

    def fit(rows: Tensor, decay: float) -> nn.Linear:
        layer = nn.Linear(x.shape[1], task.width)
        nn.init.zeros_(layer.weight)
        optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimiser.zero_grad()
            value = task.loss(layer(x[rows]), y[rows]) + decay * layer.weight.square().sum()
            value.backward()
            return value

        optimiser.step(loss)
        return layer

    def missed(decay: float) -> float:
        with torch.no_grad():
            return float(task.loss(fit_without[decay](x[held]), y[held]))

    fit_without = {decay: fit(~held, decay) for decay in PROBE_DECAYS}
    layer = fit(torch.ones(len(x), dtype=torch.bool), min(PROBE_DECAYS, key=missed))
    with torch.no_grad():
        return [layer(o) for o in others]
