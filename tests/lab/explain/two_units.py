"""Drawn faces on which brows are drawn together, lips parted, both or neither, by chance, and nets that learn which."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression
from mien.datasets.synthetic.picture import draw
from mien.lab.explain.explainer import TorchExplainer
from mien.lab.models.face_net import output_widths
from mien.lab.models.registry import create
from mien.model_spec import Head, ModelSpec
from mien.runtime.unit_regions import region_share

UNITS = ("AU04", "AU25")
OPTIONS = {"widths": [16, 32], "depths": [1, 1], "stem": 8, "dropout": 0.0}  # last map 12 x 12 of 48 pixels
BATCH, RATE = 32, 0.005


def drawn(n: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(n, 48, 48, 1) and (n, 2) whether each unit is shown; every row is another person."""
    random = np.random.default_rng(seed)
    shown = (random.random((n, 2)) < 0.5).astype(np.float32)
    units, one = np.zeros((n, len(DRAWN_UNITS)), np.float32), np.ones((n, 1, 1), np.float32)
    units[:, [DRAWN_UNITS.index(unit) for unit in UNITS]] = shown * random.uniform(0.7, 1, (n, 2))
    shows = Expression(units, one, one)
    faces = draw(seed, np.arange(n), shows, difficulty=0.2, size=48, identities=n, colour="grey")
    return faces[..., None], shown


def learnt(seed: int, pool: str, faces: int, epochs: int) -> TorchExplainer:
    """A net of that pooling."""
    options = {**OPTIONS, "pool": pool}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        head = Head("units", "action_units", UNITS, "synthetic", "sigmoid")
        net = create("small", [head], **options)
        spec = ModelSpec("u", "small", (head,), 48, 48, architecture_options=options, **output_widths(net, 1, 48, 48))
        explainer = TorchExplainer(net, spec, torch.device("cpu"))
        pixels, shown = drawn(faces, seed=1)
        x, y = explainer.inputs(pixels), torch.from_numpy(shown)
        steps = faces // BATCH
        optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
        net.train()
        for _ in range(epochs):
            for rows in torch.randperm(faces).split(BATCH)[:steps]:
                loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
    net.eval()
    return explainer


def heat_in_regions(
    explainer: TorchExplainer, pixels: NDArray[np.uint8], shown: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(2, 2) median share of heat in the region of unit u, on faces that show it, of the CAM of unit v."""
    maps = [explainer.maps(pixels, np.full(len(pixels), v), "cam") for v in range(2)]
    return np.array(
        [
            [np.median(np.nan_to_num(region_share(heat[shown[:, u] == 1], unit, 48))) for heat in maps]
            for u, unit in enumerate(UNITS)
        ]
    )
