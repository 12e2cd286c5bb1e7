"""One net with three heads, each face labelled for one of them, against three nets that see the same third.

    nice -n 5 python benchmarks/heads.py [--seeds 3] [--epochs 12] [--threads 1] [--runs DIR]

Drawn faces at the default difficulty: some 20,000 to learn from, of people whom neither validation nor Test has; the
Test faces are the yardstick's 2,000. Each face keeps one label of three: its emotion, which of eleven units it shows,
or its valence and arousal. The net with three heads takes batches of 192, of which a third is labelled for each head;
the single nets take batches of 64 of their own third, so that both see a head's faces equally often in as many
steps. Epochs and thresholds of units are chosen on validation. `heads_marks.py` gives floor and ceiling.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from heads_marks import SCORES, UNITS, marks
from record import write
from synthetic_yardstick import TEST

from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import synthetic
from mien.evaluate.units.heads import evaluate_heads
from mien.lab.train.recipe import Augment, Data, HeadRecipe, Input, Loss, Model, Recipe, Train
from mien.lab.train.run import train

DRAWN = 24_000
HEADS = {
    "emotion": HeadRecipe("emotion", labels="synthetic"),
    "units": HeadRecipe("units", kind="action_units", units=UNITS),
    "affect": HeadRecipe("affect", kind="valence_arousal"),
}
TARGETS = {"emotion": ("synthetic",), "units": ("action_units",), "affect": ("valence", "arousal")}
OF_HEAD = {"emotion": ("top1",), "units": ("f1",), "affect": ("ccc_valence", "ccc_arousal")}
NET = {"widths": [16, 32, 64, 128], "depths": [1, 1, 1, 1], "stem": 16, "dropout": 0.1}
WEIGHTINGS = ("fixed", "uncertainty", "gradient")


def drawn() -> FaceSet:
    """The yardstick's faces, a twelfth of the people to learn from put aside for validation."""
    faces = synthetic(DRAWN, splits={"Training": 10, "Test": 1})
    people = np.unique(faces.subject[faces.split == "Training"])
    aside = np.isin(faces.subject, people[::12])
    faces = faces.replace(split=np.where(aside, "Validation", faces.split))
    keep = {key: faces.targets[key] for names in TARGETS.values() for key in names}
    return faces.replace(targets=keep, votes=None)


def thirds(faces: FaceSet, seed: int) -> dict[str, np.ndarray[Any, Any]]:
    """Head -> (n,) whether a face keeps its label: of the faces to learn from one in three, of the others all."""
    learnt = np.flatnonzero(faces.split == "Training")
    part = np.random.default_rng(seed).permutation(len(learnt)) % 3
    found = {}
    for k, head in enumerate(HEADS):
        found[head] = faces.split != "Training"
        found[head][learnt[part == k]] = True
    return found


def labelled(faces: FaceSet, kept: dict[str, np.ndarray[Any, Any]]) -> FaceSet:
    """The faces with the labels that they keep."""
    targets = dict(faces.targets)
    for head, rows in kept.items():
        for key in TARGETS[head]:
            targets[key] = faces.targets[key].copy()
            targets[key][~rows] = np.nan
    return faces.replace(targets=targets)


def recipe(heads: tuple[str, ...], seed: int, epochs: int, weighting: str = "fixed") -> Recipe:
    several = len(heads) > 1
    return Recipe(
        name="-".join(heads),
        seed=seed,
        data=Data(train="Training", validation="Validation"),
        heads=tuple(HEADS[name] for name in heads),
        model=Model("small", options=NET),
        input=Input(48, 48),
        augment=Augment(flip=0.5, rotate=8, shift=0.05, brightness=0.1, contrast=0.2),
        loss=Loss(heads=weighting),
        train=Train(
            epochs=epochs,
            batch=64 * len(heads),
            optimiser="adamw",
            lr=4e-3,
            weight_decay=0.02,
            precision="bf16",
            metric="heads" if several else "",
        ),
    )


def scores(run: Path, faces: FaceSet, *, units: bool) -> dict[str, float]:
    """In points, on Test, thresholds from validation."""
    found = evaluate_heads(str(run), faces, "Test", fit_on="Validation" if units else None)
    out = {}
    for one in found.emotions.values():
        out["top1"] = one.top1
    for name, head in found.heads.items():
        if name == "units":
            out["f1"] = head.scores.macro("f1")
        else:
            out |= {f"ccc_{key}": 100 * head.each[key]["ccc"] for key in ("valence", "arousal")}
    return out


def measure(seeds: int, epochs: int, runs: Path) -> dict[str, Any]:
    faces = drawn()
    sides = {name: np.flatnonzero(faces.split == name) for name in ("Training", "Validation", "Test")}
    sides["Test"] = sides["Test"][:TEST]
    faces = faces.select(np.sort(np.concatenate(list(sides.values()))))
    parts = {name: faces.in_split(name) for name in sides}
    arms: dict[str, list[dict[str, float]]] = {arm: [] for arm in ("single", *WEIGHTINGS)}
    for seed in range(seeds):
        kept = thirds(faces, seed)
        alone: dict[str, float] = {}
        for head in HEADS:
            mine = faces.select(kept[head])
            alone |= _run(runs / f"{head}-{seed}", recipe((head,), seed, epochs), mine, faces)
        arms["single"].append(alone)
        for weighting in WEIGHTINGS:
            one = recipe(tuple(HEADS), seed, epochs, weighting)
            arms[weighting].append(_run(runs / f"{weighting}-{seed}", one, labelled(faces, kept), faces))
    return {
        "faces": {name: len(part) for name, part in parts.items()},
        "labelled_for_each_head": int((kept["emotion"] & (faces.split == "Training")).sum()),
        "epochs": epochs,
        "units": UNITS,
        "marks": marks(parts["Training"], parts["Validation"], parts["Test"], seeds),
        "by_seed": arms,
        "mean": {arm: {s: float(np.mean([one[s] for one in found])) for s in SCORES} for arm, found in arms.items()},
    }


def _run(out: Path, plan: Recipe, learnt: FaceSet, judged: FaceSet) -> dict[str, float]:
    """Train, unless it is there from an earlier call, and score."""
    began = time.time()
    if not (out / "final.safetensors").exists():
        train(plan, learnt, out, quiet=True, resume=out.exists())
    found = scores(out, judged, units="units" in {head.name for head in plan.heads})
    mine = {name: found[name] for head in plan.heads for name in OF_HEAD[head.name]}
    print(out.name, {name: round(value, 2) for name, value in mine.items()}, f"{time.time() - began:.0f} s", flush=True)
    return mine


def told(found: dict[str, Any]) -> dict[str, Any]:
    """Beside the means: how far up between floor and ceiling, and how far from the single nets."""
    rise = {}
    for arm, mean in found["mean"].items():
        rise[arm] = {}
        for name in SCORES:
            low, high = found["marks"][name]["floor"], found["marks"][name]["ceiling"]
            rise[arm][name] = 100 * (mean[name] - low) / (high - low)
    single = found["by_seed"]["single"]
    apart = {
        arm: {name: [one[name] - alone[name] for one, alone in zip(each, single, strict=True)] for name in SCORES}
        for arm, each in found["by_seed"].items()
        if arm != "single"
    }
    return found | {"share_of_the_way": rise, "against_single": apart}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=Path, default=None)
    parser.add_argument("--dry", action="store_true", help="print, write no record")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    runs = options.runs or Path(tempfile.mkdtemp())
    began = time.time()
    found = told(measure(options.seeds, options.epochs, runs)) | {"minutes": round((time.time() - began) / 60, 1)}
    for key in ("marks", "mean", "share_of_the_way", "against_single"):
        print(key, found[key])
    if not options.dry:
        write("heads", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
