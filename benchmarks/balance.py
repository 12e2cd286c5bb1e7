"""Ways of evening classes out, side by side: the same net, the same steps, only [balance] or [augment] differs.

usage: balance.py synthetic | fer2013   [--seeds N] [--out runs/balance]

Each cell is a run of its own that is kept, so the table can be interrupted and gone on with. The last epoch
counts; nothing is chosen on the test rows. Intervals are Student's over seeds, 95 %.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from record import write
from scipy import stats

import mien
from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.datasets.synthetic import synthetic
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.labels import EMOTIONS

ROOT = Path(__file__).parents[1]
PLAIN = "plain"
RARE = ("contempt", "disgust", "fear", "anger")  # mirrored and rotated by the targeted augmentation
METHODS: dict[str, list[str]] = {
    PLAIN: [],
    "class weights": ["balance.class_weights=inverse"],
    "effective number": ["balance.class_weights=effective", "balance.beta=0.999"],
    "focal loss": ["balance.focal=2.0"],
    "weighted sampler": ["balance.sampler=weighted"],
    "balanced batches": ["balance.sampler=balanced"],
    "logit adjustment": ["balance.logit_adjustment=1.0"],
    "targeted augmentation": [],  # the classes differ by data set: see SETS
}
FER2013 = (PLAIN, "class weights", "balanced batches", "logit adjustment", "targeted augmentation")
SETS: dict[str, dict[str, Any]] = {
    "synthetic": {
        "recipe": ROOT / "recipes" / "balance-synthetic.toml",
        "methods": tuple(METHODS),
        "seeds": 5,
        "split": "Test",
        "targeted": "augment.targeted={" + ", ".join(f'{e} = "mirror+rotate10"' for e in RARE) + "}",
    },
    "fer2013": {
        "recipe": ROOT / "recipes" / "balance.toml",
        "methods": FER2013,
        "seeds": 3,
        "split": "PrivateTest",
        "targeted": 'augment.targeted={disgust = "mirror+rotate10"}',
    },
}
TRAINING, TEST, RATIO, DIFFICULTY = 4_000, 4_000, 50, 0.15


def long_tail(seed: int) -> FaceSet:
    """Drawn faces whose classes shrink geometrically to one in fifty; validation and test rows are even."""
    shares = {name: RATIO ** (-k / (len(EMOTIONS) - 1)) for k, name in enumerate(tail_order())}
    training = synthetic(TRAINING, seed=seed, difficulty=DIFFICULTY, balance=shares, splits={"Training": 1})
    even = synthetic(TEST + 800, seed=1_000 + seed, difficulty=DIFFICULTY, splits={"Test": TEST, "Validation": 800})
    return concatenate([training, even])


def tail_order() -> tuple[str, ...]:
    """From the commonest to the rarest: as in FER2013, and contempt last."""
    common = ("happiness", "neutral", "sadness", "surprise")
    return (*common, *(e for e in EMOTIONS if e not in (*common, "disgust", "contempt")), "disgust", "contempt")


def cell(which: str, method: str, seed: int, out: Path) -> dict[str, Any]:
    """Train one cell, or take the one that is there, and score its last epoch."""
    settings = SETS[which]
    sets = [settings["targeted"]] if method.startswith("targeted") else METHODS[method]
    recipe = replace(read_recipe(settings["recipe"], sets), seed=seed)
    faces = long_tail(seed) if which == "synthetic" else load_dataset(recipe.data.path)
    folder = out / which / f"{method.replace(' ', '-')}-{seed}"
    if not (folder / "final.safetensors").exists():
        train(recipe, faces, folder, resume=(folder / "recipe.toml").exists(), quiet=True)
    done = mien.evaluate(folder, data=faces, split=settings["split"], labels=recipe.heads[0].labels).to_dict()
    row = {key: done[key] for key in ("n", "top1", "macro_f1", "balanced_accuracy", "ece")}
    row["recall"] = {name: scores["recall"] for name, scores in done["per_class"].items()}
    return {"method": method, "seed": seed, **row}


def over_seeds(values: list[float]) -> dict[str, float]:
    """Mean and the half-width of its 95 % interval."""
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return {"mean": round(float(np.mean(values)), 2), "half_width": round(float(half), 2)}


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line a method: each score over seeds, and macro-F1 and disgust recall against plain, seed by seed."""
    found = []
    plain = {row["seed"]: row for row in rows if row["method"] == PLAIN}
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        line: dict[str, Any] = {"method": method, "seeds": len(mine), "n": mine[0]["n"]}
        for key in ("top1", "macro_f1", "balanced_accuracy"):
            line[key] = over_seeds([row[key] for row in mine])
        line["disgust_recall"] = over_seeds([row["recall"]["disgust"] for row in mine])
        if method != PLAIN:
            line["macro_f1_gain"] = over_seeds([row["macro_f1"] - plain[row["seed"]]["macro_f1"] for row in mine])
        found.append(line)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("which", choices=tuple(SETS))
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "balance")
    options = parser.parse_args()
    settings = SETS[options.which]
    rows = []
    for seed in range(options.seeds or settings["seeds"]):
        for method in settings["methods"]:
            rows.append(cell(options.which, method, seed, options.out))
            shown = {key: round(rows[-1][key], 2) for key in ("top1", "macro_f1", "balanced_accuracy")}
            print(method, seed, shown, round(rows[-1]["recall"]["disgust"], 1), flush=True)
    facts: dict[str, Any] = {"summary": summary(rows), "rows": rows, "recipe": settings["recipe"].name}
    if options.which == "synthetic":
        facts |= {"training_faces": TRAINING, "imbalance": RATIO, "difficulty": DIFFICULTY, "order": tail_order()}
    write(f"balance-{options.which}", facts, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
