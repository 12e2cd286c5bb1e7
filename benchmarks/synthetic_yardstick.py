"""The yardstick's own marks: what a plain small net, ten times the faces, and a random trunk score on it.

    nice -n 19 python benchmarks/synthetic_yardstick.py [--difficulty 0.5] [--seeds 3]

All are judged on the same 2,000 Test faces of `synthetic()` at its default difficulty, people whom no
training saw. Each training runs to its last epoch; nothing is chosen on the Test faces.
- `plain`: four strided convolutions, 2,000 training faces, mirrored at random and otherwise as they are.
- `ceiling`: the same net, 20,000 faces.
- `floor`: the same net's trunk with random weights, and a linear probe on 2,000 faces.
- `linear_pixels`: the probe on the pixels themselves, which beats the random trunk: the heads are aligned.
- `from_units`: a linear probe on the true action units instead of pixels: what the drawing's own facts
  allow a linear reader.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from over_seeds import over_seeds
from record import write
from torch import Tensor, nn

from mien.datasets.synthetic import (
    DEFAULT_DIFFICULTY,
    FIRST_HUNDRED_SHA256,
    SYNTHETIC_VERSION,
    fingerprint,
    synthetic,
)

FEW, MANY, TEST = 2_000, 20_000, 2_000
EPOCHS = {FEW: 25, MANY: 10}
CLASSES = 8
WIDTHS = (16, 32, 64, 128)
BATCH, RATE, DECAY = 64, 3e-3, 0.05
PROBE_DECAYS = (1e-3, 1e-2, 1e-1, 1.0)


def trunk() -> nn.Sequential:
    """(n, 1, 48, 48) -> (n, 1152): four 3 x 3 convolutions of stride 2 with batch normalisation."""
    layers: list[nn.Module] = []
    for before, after in zip((1, *WIDTHS), WIDTHS, strict=False):
        layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten())


def prepared(pixels: np.ndarray) -> Tensor:
    """(n, 48, 48) uint8 -> (n, 1, 48, 48), each picture to mean 0 and deviation 1."""
    x = torch.from_numpy(pixels.astype(np.float32))
    x = (x - x.mean((1, 2), keepdim=True)) / (x.std((1, 2), keepdim=True) + 8)
    return x[:, None].contiguous(memory_format=torch.channels_last)


def train(
    x: Tensor,
    y: Tensor,
    seed: int,
    epochs: int,
    width: int = CLASSES,
    criterion: Callable[[Tensor, Tensor], Tensor] = nn.functional.cross_entropy,
) -> nn.Module:
    """The plain net on these faces, after its last epoch."""
    torch.manual_seed(seed)
    net = nn.Sequential(trunk(), nn.Dropout(0.3), nn.Linear(WIDTHS[-1] * 9, width))
    net = net.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(x))[: steps * BATCH].split(BATCH):
            faces = x[rows]
            mirrored = torch.rand(len(faces), 1, 1, 1) < 0.5
            loss = criterion(net(torch.where(mirrored, faces.flip(3), faces)), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def batched(net: nn.Module, x: Tensor) -> Tensor:
    return torch.cat([net(part) for part in x.split(500)])


def right(scores: Tensor, y: Tensor) -> int:
    return int((scores.argmax(1) == y).sum())


def linear_probe(x: Tensor, y: Tensor, test: Tensor) -> Tensor:
    """(m, 8) logits of a softmax regression; its weight decay is chosen on every fifth training row."""
    centre, spread = x.mean(0), x.std(0) + 1e-3
    x, test = (x - centre) / spread, (test - centre) / spread
    held = torch.arange(len(x)) % 5 == 0

    def fit(rows: Tensor, decay: float) -> nn.Linear:
        layer = nn.Linear(x.shape[1], CLASSES)
        nn.init.zeros_(layer.weight)
        optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimiser.zero_grad()
            value = nn.functional.cross_entropy(layer(x[rows]), y[rows]) + decay * layer.weight.square().sum()
            value.backward()
            return value

        optimiser.step(loss)
        return layer

    best = max(PROBE_DECAYS, key=lambda decay: right(fit(~held, decay)(x[held]), y[held]))
    return fit(torch.ones(len(x), dtype=torch.bool), best)(test).detach()


def random_trunk(seed: int, *pictures: Tensor) -> list[Tensor]:
    """Features of an untrained trunk; only its normalisation has seen faces, the first pictures."""
    torch.manual_seed(seed)
    net = trunk().to(memory_format=torch.channels_last)
    with torch.no_grad():
        for _ in range(3):
            for part in pictures[0].split(500):
                net(part)
    return [batched(net.eval(), x) for x in pictures]


def measure(difficulty: float, seeds: int) -> dict[str, Any]:
    """All marks at one difficulty."""
    torch.set_num_threads(1)
    began = time.process_time()
    faces = synthetic(22_200, difficulty=difficulty, splits={"Training": 10, "Test": 1})
    speed = len(faces) / (time.process_time() - began)
    training, test = faces.in_split("Training"), faces.in_split("Test").select(np.arange(TEST))
    x, x_test = prepared(training.pixels[:MANY]), prepared(test.pixels)
    y, y_test = (torch.from_numpy(part.hard("synthetic")) for part in (training, test))
    y = y[:MANY]
    found: dict[str, Any] = {
        "synthetic_version": SYNTHETIC_VERSION,
        "sha256_first_hundred": fingerprint(faces),
        "sha256_matches": fingerprint(faces) == FIRST_HUNDRED_SHA256,
        "difficulty": difficulty,
        "faces_per_cpu_second": round(speed),
        "chance": 100 / CLASSES,
        "net": f"4 strided convolutions {WIDTHS}, AdamW {RATE}, one cycle, batch {BATCH}, mirrored at random",
        "parameters": sum(p.numel() for p in trunk().parameters()) + (WIDTHS[-1] * 9 + 1) * CLASSES,
    }

    def mark(name: str, counts: list[int], **facts: Any) -> None:
        found[name] = facts | over_seeds(counts, TEST)
        print(name, found[name], flush=True)

    few = slice(0, FEW)
    counts = [right(batched(train(x[few], y[few], s, EPOCHS[FEW]), x_test), y_test) for s in range(seeds)]
    mark("plain", counts, training_faces=FEW, epochs=EPOCHS[FEW])
    probes = []
    for s in range(seeds):
        features, test_features = random_trunk(s, x[few], x_test)
        probes.append(right(linear_probe(features, y[few], test_features), y_test))
    mark("floor", probes, training_faces=FEW)
    pixels = linear_probe(x[few].flatten(1), y[few], x_test.flatten(1))
    mark("linear_pixels", [right(pixels, y_test)], training_faces=FEW)
    units, test_units = (torch.from_numpy(part.targets["action_units"]) for part in (training, test))
    mark("from_units", [right(linear_probe(units[:MANY], y, test_units), y_test)], training_faces=MANY)
    counts = [right(batched(train(x, y, 0, EPOCHS[MANY]), x_test), y_test)]
    mark("ceiling", counts, training_faces=MANY, epochs=EPOCHS[MANY])
    found["cpu_seconds"] = round(time.process_time() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--difficulty", type=float, default=DEFAULT_DIFFICULTY)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    found = measure(options.difficulty, options.seeds)
    write("synthetic", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
