"""Does the CAM of an action unit lie where the unit acts? Drawn faces, a small net, each way of pooling.

A net learns all drawn units of faces of the default difficulty. Of faces of other people that show a unit, the share
of its CAM's heat in the unit's region (`mien.runtime.unit_regions`) is taken, beside the share that CAMs of the other
units have there, and that nets with fresh weights have. Before that: how much of what a unit changes on a drawn face
lies in its region at all.

With --shortcut one unit is followed: where its CAM's heat lies, and whether the net still knows it among faces of the
emotion that shows it most often.

usage: explain_units.py [--seeds 3] [--faces 4000] [--epochs 20] [--shortcut AU23]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch
from record import write
from torch.nn import functional as F

import mien
from mien.datasets.synthetic import synthetic
from mien.datasets.synthetic.expression import DRAWN_UNITS as DRAWN
from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.picture import draw
from mien.datasets.units import occurrence
from mien.lab.explain.explainer import TorchExplainer
from mien.lab.models.face_net import output_widths
from mien.lab.models.registry import create
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.heat_map import POOLINGS, enlarged
from mien.runtime.unit_regions import region_area, region_mask, region_share
from mien.score.multilabel import per_unit

UNITS = tuple(unit for unit in DRAWN if unit != "AU43")  # no emotion draws closed eyes
OPTIONS = {"widths": [24, 48], "depths": [1, 1], "stem": 8, "dropout": 0.0}  # last map 12 x 12 of 48 pixels
BATCH, RATE = 64, 0.004
TRAINING, TESTING = 1, 3  # seeds of the faces: other people
HELD_OUT, FORGOTTEN, SIDE = 1000, 3, 48
CHANGED = 200  # faces on which each unit is drawn and not drawn


def changes() -> dict[str, float]:
    """Unit -> median share, in its region, of the grey levels that it changes at full strength, at difficulty 0.3."""
    rows, one = np.arange(CHANGED), np.ones((CHANGED, 1, 1), np.float32)

    def drawn(unit: str) -> np.ndarray:
        units = np.zeros((CHANGED, len(DRAWN)), np.float32)
        units[:, [name == unit for name in DRAWN]] = 1
        shows = Expression(units, one, one)
        faces = draw(1, rows, shows, difficulty=0.3, size=SIDE, identities=CHANGED, colour="grey")
        return faces.astype(np.float64)

    still = drawn("")
    found = {}
    for unit in UNITS:
        change = np.abs(drawn(unit) - still)
        inside, whole = change[:, region_mask(unit, SIDE, SIDE)].sum(axis=1), change.sum(axis=(1, 2))
        found[unit] = float(np.median(inside[whole > 0] / whole[whole > 0]))
    return found


def train(seed: int, pool: str, count: int, epochs: int) -> TorchExplainer:
    """A net that names the units."""
    torch.manual_seed(seed)
    faces = synthetic(count, TRAINING)
    head = Head("units", "action_units", UNITS, "synthetic", "sigmoid")
    options = {**OPTIONS, "pool": pool}
    net = create("small", [head], **options)
    widths = output_widths(net, 1, 48, 48)
    spec = ModelSpec("units", "small", (head,), 48, 48, architecture_options=options, **widths)
    explainer = TorchExplainer(net, spec, torch.device("cpu"))
    x, y = explainer.inputs(faces.pixels[..., None]), torch.from_numpy(occurrence(faces, UNITS))
    weight = (1 - y.mean(0)) / y.mean(0)  # else rare units speak against themselves nearly everywhere
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * (count // BATCH))
    net.train()
    for _ in range(epochs):
        for rows in torch.randperm(count).split(BATCH)[: count // BATCH]:
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows], pos_weight=weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    net.eval()
    return explainer


def shares(explainer: TorchExplainer, crops: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) median share, in the region of unit u, of the heat of unit v's CAM on faces that show u.

    And (u, v) how many of these CAMs have their hottest place there, Zhang et al. 2018's pointing game.
    """
    maps = [explainer.maps(crops, np.full(len(crops), v), "cam") for v in range(len(UNITS))]
    found, pointed = np.zeros((2, len(UNITS), len(UNITS)))
    for u, unit in enumerate(UNITS):
        for v, heat in enumerate(maps):
            share = region_share(heat[shown[:, u]], unit, SIDE)
            found[u, v] = np.median(np.nan_to_num(share))  # a map without heat has none there
            large = enlarged(heat[shown[:, u]], SIDE, SIDE).reshape(-1, SIDE * SIDE)
            pointed[u, v] = region_mask(unit, SIDE, SIDE).ravel()[large.argmax(axis=1)].mean()
    return found, pointed


def measure(seed: int, pool: str, count: int, epochs: int) -> dict[str, Any]:
    begun = time.perf_counter()
    explainer = train(seed, pool, count, epochs)
    seconds = time.perf_counter() - begun
    faces = synthetic(HELD_OUT, TESTING)
    crops, shown = faces.pixels[..., None], occurrence(faces, UNITS)
    said = 1 / (1 + np.exp(-explainer.logits(crops).astype(np.float64)))
    scores = per_unit(shown, said)
    learnt, pointed = shares(explainer, crops, shown == 1)
    fresh = [shares(explainer.randomised(seed * FORGOTTEN + i)[0], crops, shown == 1) for i in range(FORGOTTEN)]
    mine = np.diag(learnt)
    others, pointed_others = (
        np.array([np.delete(row, u).mean() for u, row in enumerate(of)]) for of in (learnt, pointed)
    )
    each = {
        unit: {
            "area": region_area(unit),
            "n": int((shown[:, u] == 1).sum()),
            "roc_auc": float(scores.roc_auc[u]),
            "cam": float(mine[u]),
            "other_units": float(others[u]),
            "fresh": [float(one[u, u]) for one, _ in fresh],
            "hottest": float(pointed[u, u]),
            "hottest_other_units": float(pointed_others[u]),
            "hottest_fresh": [float(one[u, u]) for _, one in fresh],
            "most_there": UNITS[int(np.argmax(learnt[u]))],
        }
        for u, unit in enumerate(UNITS)
    }
    mean = {"f1": scores.macro("f1"), "roc_auc": scores.macro("roc_auc"), "cam": float(mine.mean()),
            "other_units": float(others.mean()), "area": float(np.mean([region_area(u) for u in UNITS])),
            "fresh": float(np.mean([np.diag(one) for one, _ in fresh])),
            "hottest": float(np.diag(pointed).mean()), "hottest_other_units": float(pointed_others.mean()),
            "hottest_fresh": float(np.mean([np.diag(one) for _, one in fresh])),
            "most_own": int(sum(learnt[u].argmax() == u for u in range(len(UNITS))))}  # fmt: skip
    print(pool, seed, {key: round(value, 3) for key, value in mean.items()}, f"{seconds:.0f} s", flush=True)
    return {"seed": seed, "pool": pool, "seconds": seconds, "mean": mean, "units": each}


def shortcut(unit: str, count: int, epochs: int) -> dict[str, Any]:
    """Of a net that pools by the mean, seed 0."""
    explainer, u = train(0, "avg", count, epochs), UNITS.index(unit)
    faces = synthetic(HELD_OUT, TESTING)
    crops, shown = faces.pixels[..., None], occurrence(faces, UNITS)
    emotion, has = faces.hard("synthetic"), shown[:, u] == 1
    most = int(np.bincount(emotion[has]).argmax())
    heat = explainer.maps(crops[has], np.full(int(has.sum()), u), "cam")
    said = explainer.logits(crops)[:, u : u + 1].astype(np.float64)
    inside = emotion == most

    def area(rows: np.ndarray) -> float:
        return float(per_unit(shown[rows, u : u + 1], 1 / (1 + np.exp(-said[rows]))).roc_auc[0])

    shares = {one: float(np.median(np.nan_to_num(region_share(heat, one, SIDE)))) for one in UNITS}
    return {"unit": unit, "emotion": EMOTIONS[most], "n": int(inside.sum()), "shown": int((inside & has).sum()),
            "shown_elsewhere": int((~inside & has).sum()), "roc_auc": area(np.ones_like(inside)),
            "roc_auc_within": area(inside), "heat_in_regions": shares}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--faces", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--shortcut", choices=UNITS)
    given = parser.parse_args()
    if given.shortcut:
        followed = shortcut(given.shortcut, given.faces, given.epochs)
        print(followed, write("explain-units-shortcut", followed, packages=("mien", "numpy", "torch")))
        return
    changed = changes()
    print({unit: round(share, 2) for unit, share in changed.items()}, flush=True)
    runs = [measure(seed, pool, given.faces, given.epochs) for pool in POOLINGS for seed in range(given.seeds)]
    results = {"mien": mien.__version__, "faces": given.faces, "epochs": given.epochs, "options": OPTIONS,
               "changed_in_region": changed, "runs": runs}  # fmt: skip
    print(write("explain-units", results, packages=("mien", "numpy", "torch")))


if __name__ == "__main__":
    main()
