"""What balancing does for rare action units: drawn faces that show eleven units as seldom as EmotioNet's.

    nice -n 5 python benchmarks/rare_units.py [--seeds 3] [--steps 1000] [--threads 1] [--runs DIR]

From a pool of drawn faces 25,000 are taken to learn from, with the counts of a study of EmotioNet's 25,000 hand-coded
pictures (AU20 in 150 of them), and validation and Test sets with the same shares. Arms of equal steps:

- `natural`: the faces as they are;
- `balanced`: `mien data balance --inclusive --repeat --want AU20=N,...,none=N`, N rows of each unit and of none;
- `sampler`: `[balance] sampler = "balanced"`, batches even in the rarest unit that a face shows;
- `weighted`: `loss = "weighted_bce"`, a shown unit counts by its rarity.

Thresholds are fitted on validation, unit by unit; F1 and average precision are those of Test.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from record import write
from scipy.optimize import minimize

from mien.datasets.combination import parse_wishes, satisfied
from mien.datasets.combination_cover import cover
from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic.expression import DRAWN_UNITS, express
from mien.datasets.synthetic.order import deal, emotions_of
from mien.datasets.synthetic.picture import draw
from mien.datasets.units import DRAWN_CUT, occurrence
from mien.evaluate.units.heads import evaluate_heads
from mien.lab.train.recipe import Augment, Balance, Data, HeadRecipe, Input, Model, Recipe, Train
from mien.lab.train.run import train

COUNTS = {
    "AU01": 1562, "AU02": 753, "AU04": 3292, "AU05": 951, "AU06": 4933, "AU09": 570, "AU12": 7869, "AU17": 521,
    "AU20": 150, "AU25": 12358, "AU26": 2209,
}  # fmt: skip
OF = 25_000
UNITS = tuple(COUNTS)
RARE = tuple(unit for unit, n in COUNTS.items() if n < 1000)
SIZES = {"Training": OF, "Validation": 5_000, "Test": 20_000}
POOL, PEOPLE, SIDE, DIFFICULTY = 600_000, 4_000, 32, 0.5
SHARES = {"anger": 1, "disgust": 0.5, "fear": 0.5, "happiness": 3, "sadness": 1, "surprise": 1, "neutral": 3,
          "contempt": 1}  # fmt: skip
NET = {"widths": [16, 32, 64], "depths": [1, 1, 1], "stem": 16, "dropout": 0.1}
BATCH = 128
WISHED = 1_500


def drawn() -> FaceSet:
    """Training, Validation and Test faces of different people, each with EmotioNet's shares; only these are drawn."""
    total = sum(SIZES.values())
    dealt = deal(PEOPLE, {name: n / total for name, n in SIZES.items()})
    names = tuple(SHARES)
    pool = np.arange(POOL)
    emotion = emotions_of(0, pool, names, tuple(SHARES.values()))
    units = express(0, pool, emotion, DIFFICULTY).units >= DRAWN_CUT
    x = units[:, [DRAWN_UNITS.index(unit) for unit in UNITS]].astype(np.float64)
    split = dealt[pool % PEOPLE]
    chosen = []
    for name, n in SIZES.items():
        mine = np.flatnonzero(split == name)
        chosen.append(mine[_with_shares(x[mine], n)])
    rows = np.sort(np.concatenate(chosen))
    shown = express(0, rows, emotion[rows], DIFFICULTY)
    pixels = draw(0, rows, shown, difficulty=DIFFICULTY, size=SIDE, identities=PEOPLE, colour="grey")
    return FaceSet(
        "synthetic", pixels=pixels, targets={"action_units": shown.units}, action_units=DRAWN_UNITS, split=split[rows],
        subject=np.array([f"person{k:04d}" for k in rows % PEOPLE]),
    )  # fmt: skip


def _with_shares(x: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """n rows whose units have EmotioNet's shares, otherwise as random as can be.

    Each row is taken with probability 1 / (1 + exp(-(a + b x))), whose expected counts are the wished ones (maximum
    entropy); a systematic draw over rows sorted by their rarest units first holds the counts to within a few.
    """
    wished = n * np.array([1.0, *(count / OF for count in COUNTS.values())])
    x = np.column_stack([np.ones(len(x)), x])

    def odds(theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        score = x @ theta
        return score, 0.5 * (1 + np.tanh(score / 2))

    def dual(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score, taken = odds(theta)
        return float((np.logaddexp(0, score).sum() - theta @ wished) / n), (taken @ x - wished) / n

    begin = np.zeros(x.shape[1])
    begin[0] = np.log(n / len(x))
    found = minimize(dual, begin, jac=True, method="BFGS", options={"gtol": 1e-5})
    assert np.abs(dual(found.x)[1]).max() < 1e-3, "the pool cannot have these shares"
    taken = odds(found.x)[1]
    rarest_first = 1 + np.argsort(list(COUNTS.values()))
    order = np.lexsort(tuple(x[:, at] for at in rarest_first[::-1]))
    ends = np.cumsum(taken[order])
    ends *= (n + 0.5) / ends[-1]
    before = np.concatenate([[0.0], ends[:-1]])
    return np.sort(order[np.floor(ends) != np.floor(before)])


def balanced(faces: FaceSet, seed: int) -> FaceSet:
    """The training rows as `mien data balance` names them, the others as they are."""
    wishes = parse_wishes([*(f"{unit}={WISHED}" for unit in UNITS), f"none={WISHED}"], inclusive=True)
    within = np.flatnonzero(faces.split == "Training")
    found = cover(satisfied(faces.select(within), wishes), [wish.number for wish in wishes], seed, repeat=True)
    return faces.select(np.concatenate([within[found.rows], np.flatnonzero(faces.split != "Training")]))


def recipe(arm: str, seed: int, steps: int, rows: int) -> Recipe:
    head = HeadRecipe("units", kind="action_units", units=UNITS)
    if arm == "weighted":
        head = replace(head, loss="weighted_bce")
    return Recipe(
        name=arm,
        seed=seed,
        data=Data(train="Training", validation="Validation"),
        heads=(head,),
        model=Model("small", options=NET),
        input=Input(SIDE, SIDE),
        augment=Augment(flip=0.5, rotate=8, shift=0.05, brightness=0.1, contrast=0.2),
        balance=Balance(sampler="balanced" if arm == "sampler" else "natural"),
        train=Train(
            epochs=max(1, round(steps / math.ceil(rows / BATCH))), batch=BATCH, optimiser="adamw", lr=4e-3,
            weight_decay=0.02, precision="bf16", metric="average_precision",
        ),
    )  # fmt: skip


KEYS = ("f1", "average_precision")
ARMS = ("natural", "balanced", "sampler", "weighted")


def measure(seeds: int, steps: int, runs: Path) -> dict[str, Any]:
    faces = drawn()
    counts = {
        name: dict(zip(UNITS, occurrence(faces.in_split(name), UNITS).sum(0).astype(int).tolist(), strict=True))
        for name in SIZES
    }
    print(counts, flush=True)
    arms: dict[str, list[dict[str, Any]]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm in ARMS:
            learnt = balanced(faces, seed) if arm == "balanced" else faces
            rows = int((learnt.split == "Training").sum())
            plan = recipe(arm, seed, steps, rows)
            out = runs / f"{arm}-{seed}"
            if not (out / "final.safetensors").exists():
                train(plan, learnt, out, quiet=True, resume=out.exists())
            said = evaluate_heads(str(out), faces, "Test", fit_on="Validation").heads["units"].scores
            one = {
                "rows": rows, "steps": plan.train.epochs * math.ceil(rows / BATCH),
                **{key: dict(zip(UNITS, getattr(said, key).tolist(), strict=True)) for key in KEYS},
            }  # fmt: skip
            arms[arm].append(one)
            print(arm, seed, rows, one["steps"], {u: round(one["f1"][u], 1) for u in UNITS}, flush=True)
    return {"counts": counts, "wished": WISHED, "arms": arms, "summary": _summary(arms)}


def _summary(arms: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds, by unit, of the rare ones and of all."""

    def of(found: list[dict[str, Any]], key: str, units: tuple[str, ...]) -> list[float]:
        each = [float(np.mean([one[key][unit] for unit in units])) for one in found]
        return [float(np.mean(each)), float(np.std(each, ddof=1)) if len(each) > 1 else 0.0]

    groups = {**{unit: (unit,) for unit in UNITS}, "rare": RARE, "all": UNITS}
    return {
        arm: {key: {name: of(found, key, units) for name, units in groups.items()} for key in KEYS}
        for arm, found in arms.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=Path, default=None)
    parser.add_argument("--dry", action="store_true", help="print, write no record")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    began = time.time()
    found = measure(options.seeds, options.steps, options.runs or Path(tempfile.mkdtemp()))
    found["minutes"] = round((time.time() - began) / 60, 1)
    if not options.dry:
        write("rare-units", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
